import { AnotherLane, type RunningJob } from '../jobs/running-job.ts';
import { SlowPicture } from './image/slow-pictures.ts';

/** What takes long waits for what takes long and for nothing else: ten bombs hold up nobody's photo. */
export async function inItsLane<Result>(job: RunningJob, lane: 'short' | 'long', work: (options: { slow?: 'refuse' }) => Promise<Result>): Promise<Result> {
  if (lane === 'long' && job.lane === 'short') throw new AnotherLane('long');
  try {
    return await work(job.lane === 'short' ? { slow: 'refuse' } : {});
  } catch (error) {
    throw error instanceof SlowPicture ? new AnotherLane('long') : error;
  }
}
