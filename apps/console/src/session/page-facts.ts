import { usualPrefix } from '@safelight/contract/limits';

/** Whether this page was opened by a link of nobody else's. Written into it by the server, which is told by the browser. */
export const cameByItself = document.querySelector<HTMLMetaElement>('meta[name="safelight-arrival"]')?.content === 'own';

/** Written into the page by the server, which knows how it is configured. */
export const apiPrefix = document.querySelector<HTMLMetaElement>('meta[name="safelight-api-prefix"]')?.content ?? usualPrefix;
