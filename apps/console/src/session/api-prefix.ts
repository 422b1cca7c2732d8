/** Written into the page by the server, which knows how it is configured. */
export const apiPrefix = document.querySelector<HTMLMetaElement>('meta[name="safelight-api-prefix"]')?.content ?? '/v1';
