/** Apart from the schemas, so that code that only names them loads none. */
export const jobTypes = ['finalize', 'process', 'review', 'import', 'mirror', 'generate.image', 'generate.video', 'purge', 'reconcile', 'migrate'] as const;
export type JobType = (typeof jobTypes)[number];

/**
 * A job waits as `queued`, is worked on as `active`, and ends as `complete`, `failed` or `cancelled`. Between two attempts it is
 * `retrying`. The last three are final: nothing leaves them.
 */
export const jobStates = ['queued', 'active', 'retrying', 'complete', 'failed', 'cancelled'] as const;
export type JobState = (typeof jobStates)[number];
