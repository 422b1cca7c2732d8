/** The request for one page. `directory` is where keys with this prefix begin, as `keyPrefix` names it. */
export type AskedPage = { id: number; root: string; directory: string; keyPrefix: string; prefix: string; cursor: string; limit: number };

/**
 * The files of a page, as columns, because passing a thousand objects between threads is expensive; `next` is where the next page starts, null at the
 * end.
 */
export type FoundPage = { id: number; keys: string[]; sizes: Float64Array; modifiedMs: Float64Array; next: string | null };

/** The error of the operating system. */
export type FailedPage = { id: number; failed: { message: string; code?: string | undefined; syscall?: string | undefined } };
