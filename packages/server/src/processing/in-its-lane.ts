import { AnotherLane, type RunningJob } from '../jobs/running-job.ts';
import { SlowPicture } from './image/slow-pictures.ts';

type Lane = 'short' | 'poster' | 'long';
/** `slow`: do not start slow work. `only`: the rest is done elsewhere. */
export type LaneOptions = { slow?: 'refuse'; only?: 'poster' };

/**
 * Slow work waits only for other slow work, so ten decompression bombs delay nobody's photo. A video is first read and gets its poster, which waits
 * for no encoding; then it moves to the lane that makes the rest.
 */
export async function inItsLane<Result>(job: RunningJob, lane: Lane, work: (options: LaneOptions) => Promise<Result>): Promise<Result> {
  if (lane !== 'short' && job.lane === 'short') throw new AnotherLane(lane);
  try {
    return await work(job.lane === 'short' ? { slow: 'refuse' } : job.lane === 'poster' ? { only: 'poster' } : {});
  } catch (error) {
    throw error instanceof SlowPicture || error instanceof PosterDone ? new AnotherLane('long') : error;
  }
}

/** Thrown when the poster is stored and nothing else was asked for. */
export class PosterDone extends Error {
  override readonly name = 'PosterDone';
}
