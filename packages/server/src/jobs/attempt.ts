import { entityOf } from '../lib/reach.ts';
import type { ClaimedJob } from './claim-jobs.ts';
import type { Claim } from './queue-rows.ts';
import type { JobSubject } from './running-job.ts';

/** Why a handler is asked to end early. */
export type Ending = 'cancelled' | 'lost' | 'timeout' | 'shutdown';

/**
 * One attempt at a job in this process. It is `open` until its end is written: `settled` by its handler or by us. It is `gone` when another worker
 * has it (its lease ran out, or we handed it back): then nothing more is written for it.
 */
export type Attempt = {
  readonly claim: Claim;
  readonly row: ClaimedJob;
  readonly subject: JobSubject;
  readonly abort: AbortController;
  standing: 'open' | 'settled' | 'gone';
  ending: Ending | undefined;
  /** Resolves, never rejects, when its handler has ended and its outcome is written. */
  ended: Promise<void>;
};

export function newAttempt(row: ClaimedJob): Attempt {
  const { id, lane, claim, type, data, ownerId, assetId, uploadId, collection } = row;
  const entity = entityOf(row);
  const subject: JobSubject = {
    id,
    type,
    data,
    ownerId,
    ...(assetId === null ? {} : { assetId }),
    ...(uploadId === null ? {} : { uploadId }),
    ...(collection === null ? {} : { collection }),
    ...(entity === null ? {} : { entity }),
  };
  return { claim: { id, lane, claim }, row, subject, abort: new AbortController(), standing: 'open', ending: undefined, ended: Promise.resolve() };
}

const sentences: Record<Ending, string> = {
  cancelled: 'The job was cancelled.',
  lost: 'The job was taken over by another worker.',
  timeout: 'The job took longer than it may.',
  shutdown: 'The worker is stopping.',
};

/** Asks the handler to end, once. */
export function endEarly(attempt: Attempt, ending: Ending): void {
  if (attempt.standing !== 'open' || attempt.ending !== undefined) return;
  attempt.ending = ending;
  if (ending === 'lost' || ending === 'shutdown') attempt.standing = 'gone';
  attempt.abort.abort(new DOMException(sentences[ending], 'AbortError'));
}
