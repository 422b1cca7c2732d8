import { AsyncLocalStorage } from 'node:async_hooks';

import type { JobId } from '../lib/ids.ts';

const inHand = new AsyncLocalStorage<JobId>();

/** Does the work on a job so that it can be told, of an error that nobody caught, which job it came from. */
export const withJobInHand = <Result>(id: JobId, work: () => Result): Result => inHand.run(id, work);

/** The job that the code which is running belongs to; also where Node tells of an error that nobody caught. */
export const jobInHand = (): JobId | undefined => inHand.getStore();
