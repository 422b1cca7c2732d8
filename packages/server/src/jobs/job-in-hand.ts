import { AsyncLocalStorage } from 'node:async_hooks';

import type { JobId } from '../lib/ids.ts';

const inHand = new AsyncLocalStorage<JobId>();

/** Runs work on a job so that an uncaught error can be traced to its job. */
export const withJobInHand = <Result>(id: JobId, work: () => Result): Result => inHand.run(id, work);

/** The job of the running code; also available where Node reports an uncaught error. */
export const jobInHand = (): JobId | undefined => inHand.getStore();
