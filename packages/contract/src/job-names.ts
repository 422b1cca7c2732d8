/** Separate from the schemas, so that code that only uses the names does not load them. */
export const jobTypes = ['finalize', 'process', 'review', 'import', 'mirror', 'generate.image', 'generate.video', 'purge', 'reconcile', 'migrate'] as const;
export type JobType = (typeof jobTypes)[number];

/**
 * A job is `queued` while it waits, `active` while it runs, and ends as `complete`, `failed` or `cancelled`. Between two attempts it is
 * `retrying`. A job never leaves one of the three final states.
 */
export const jobStates = ['queued', 'active', 'retrying', 'complete', 'failed', 'cancelled'] as const;
export type JobState = (typeof jobStates)[number];
