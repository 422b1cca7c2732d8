/** One page that a thread is asked for. `directory` is where keys with this prefix begin, as `keyPrefix` names it. */
export type AskedPage = { id: number; root: string; directory: string; keyPrefix: string; prefix: string; cursor: string; limit: number };

/** Files of a page that are there, as columns, because a thousand objects are dear to hand over; where the next page goes on, null at the end. */
export type FoundPage = { id: number; keys: string[]; sizes: Float64Array; modifiedMs: Float64Array; next: string | null };

/** What the operating system said. */
export type FailedPage = { id: number; failed: { message: string; code?: string | undefined; syscall?: string | undefined } };
