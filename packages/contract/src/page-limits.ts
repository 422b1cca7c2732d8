/** Of every list: how many a page may hold, and how many it holds where nobody says. Without a schema, for a command that starts quickly. */
export const mostOnPage = 200;
export const usualOnPage = 50;
