import { once } from 'node:events';

import { hearUncaught } from '../../src/bin/hear-uncaught.ts';
import type { JobContext } from '../../src/jobs/running-job.ts';
import { startWorker } from '../../src/jobs/work.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { systemActor } from '../../src/lib/context.ts';
import { openDatabase } from '../../src/lib/database.ts';
import { createLog } from '../../src/lib/log.ts';
import { transact } from '../../src/lib/transact.ts';

/**
 * A worker process for tests that kill it. Its handler reports that it began, waits until it is told to continue, and then tries to settle; the
 * parent is told the outcome. A job can say in its data that an uncaught error is to end the process.
 */
export type FromWorker = { began: string } | { settled: string } | { refused: string };

const say = (message: FromWorker): void => void process.send?.(message);
const log = createLog({ level: 'silent' });
const { db } = openDatabase({ connection: process.argv[2] ?? '', log, max: 4 });

async function run({ job, site: { db } }: JobContext): Promise<void> {
  say({ began: job.id });
  if (job.data['throws'] === true)
    setImmediate(() => {
      throw new Error('thrown where nobody listens');
    });
  await once(process, 'message');
  try {
    await transact(db, async (tx) => {
      await tx.updateTable('job').set({ message: 'written by the first worker' }).where('id', '=', job.id).execute();
      await job.settle(tx, { by: 'the first worker' });
    });
    say({ settled: job.id });
  } catch (error) {
    say({ refused: String((error as { code?: unknown }).code) });
  }
}

const worker = startWorker({
  context: { actor: systemActor, site: { db, clock: systemClock }, log, signal: new AbortController().signal },
  handlers: { process: { run } },
  lanes: { short: 4 },
});
process.on('disconnect', () => process.exit());
const { jobId } = await hearUncaught(() => undefined);
if (jobId !== undefined) await worker.strike(jobId);
await worker.stop({ graceMs: 0 });
process.exit(1);
