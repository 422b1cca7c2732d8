import { request, type CallOptions, type Connection, type RequestInput } from './request.ts';

export type JobQuery = NonNullable<RequestInput<'listJobs'>['query']>;

export type JobsResource = ReturnType<typeof jobsResource>;

export function jobsResource(connection: Connection) {
  return {
    /** One page, newest first. */
    list: (query: JobQuery = {}, options: CallOptions = {}) => request(connection, 'listJobs', { ...options, query }),
    read: async (id: string, options: CallOptions = {}) => (await request(connection, 'readJob', { ...options, params: { id } })).job,
    /** Cancelling twice is the same as once; a job that has ended stays as it ended. */
    cancel: async (id: string, options: CallOptions = {}) => (await request(connection, 'cancelJob', { ...options, params: { id } })).job,
    /** A failed generation once more, as a new job; `mayCostAgain` says whether the failed one may have been paid for. */
    retry: (id: string, options: CallOptions = {}) => request(connection, 'retryJob', { ...options, params: { id } }),
  };
}
