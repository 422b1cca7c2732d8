import type { JobError } from '@safelight/contract/jobs';
import { sql } from '#kysely';

import type { Db } from '../lib/context.ts';
import { attemptEnded, heldBy, json, type Claim } from './queue-rows.ts';

/** A job may crash its process once, which may have been chance. */
export const mostStrikes = 2;

/** The error of a job that has crashed its process again. */
export const endedItsProcess: JobError = {
  code: 'resource_limit',
  message: 'This file ended the process that worked on it, twice, so it is not tried again. Ask the operator, whose log says why.',
  retryable: false,
};

const oneStrike: JobError = { code: 'internal', message: 'The work on it ended the process that did it.', retryable: true };

/** Records that work on the job crashes this process, and hands the job back at once. False when it was no longer held. */
export async function strikeJob(db: Db, claim: Claim): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update job set strikes = strikes + 1, turn = 'ready', start_after = null, heartbeat_at = null, state = 'retrying',
      error = ${json(oneStrike)},
      ${attemptEnded(oneStrike)},
      progress = null, message = null, updated_at = now()
    where ${heldBy(claim)} and finished_at is null`.execute(db);
  return numAffectedRows === 1n;
}
