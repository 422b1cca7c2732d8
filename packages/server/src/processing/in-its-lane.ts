import { AnotherLane, type RunningJob } from '../jobs/running-job.ts';
import { SlowPicture } from './image/slow-pictures.ts';

type Lane = 'short' | 'poster' | 'long';
/** `slow`: what takes long is not begun. `only`: the rest is done elsewhere. */
export type LaneOptions = { slow?: 'refuse'; only?: 'poster' };

/**
 * What takes long waits for what takes long and for nothing else: ten bombs hold up nobody's photo. A video is first read and gets its
 * poster, which waits for nobody's encoding, and then goes where the rest of it is made.
 */
export async function inItsLane<Result>(job: RunningJob, lane: Lane, work: (options: LaneOptions) => Promise<Result>): Promise<Result> {
  if (lane !== 'short' && job.lane === 'short') throw new AnotherLane(lane);
  try {
    return await work(job.lane === 'short' ? { slow: 'refuse' } : job.lane === 'poster' ? { only: 'poster' } : {});
  } catch (error) {
    throw error instanceof SlowPicture || error instanceof PosterDone ? new AnotherLane('long') : error;
  }
}

/** Thrown when the poster is made and kept, and no more was asked for. */
export class PosterDone extends Error {
  override readonly name = 'PosterDone';
}
