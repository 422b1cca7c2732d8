import { expect, test } from 'vitest';

import { createLog } from '../log.ts';
import { keepRunning, type PostgresRun } from './keep-running.ts';

const log = createLog({ level: 'silent' });

/** A run that ends when it is told to. */
function runOf(pid: number): PostgresRun & { end(): void } {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  return { pid, ended, end, stop: async () => end() };
}

test('a Postgres that is started again in the moment of the stop is stopped too', async () => {
  const [first, second] = [runOf(1), runOf(2)];
  const starting = Promise.withResolvers<void>();
  const started = Promise.withResolvers<PostgresRun>();
  const kept = keepRunning(
    first,
    async () => {
      starting.resolve();
      return await started.promise;
    },
    log,
  );
  first.end();
  await starting.promise;
  const stopped = kept.stop();
  started.resolve(second);
  await stopped;
  await second.ended;
  expect(await kept.ended).toEqual({ unasked: false });
});
