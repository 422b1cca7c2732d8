/** A day and a time of day, as the reader writes them. */
export const momentOf = (at: string): string => new Date(at).toLocaleString([], { dateStyle: 'medium', timeStyle: 'medium' });
