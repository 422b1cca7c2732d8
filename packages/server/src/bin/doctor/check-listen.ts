import { setTimeout as delay } from 'node:timers/promises';

import type { OpenDatabase } from '../../compose-data.ts';
import type { Config } from '../../config.ts';
import { lineToPostgres } from '../../lib/notification-line.ts';
import { patienceMs } from '../../lib/patience.ts';
import { doubtful, fine, messageOf, type Finding } from './finding.ts';

/**
 * Sends a notification over Postgres, as servers and workers do, and waits for it: a pooler in transaction mode accepts LISTEN but delivers nothing.
 */
export async function checkListen(
  { pool, directConnectionString }: Pick<OpenDatabase, 'pool' | 'directConnectionString'>,
  { redisUrl }: Pick<Config, 'redisUrl'>,
  { signal }: { signal: AbortSignal },
): Promise<Finding[]> {
  if (redisUrl !== null) return [];
  const channel = `safelight_doctor_${crypto.randomUUID().replaceAll('-', '')}`;
  const heard = Promise.withResolvers<void>();
  heard.promise.catch(() => undefined);
  try {
    const line = await lineToPostgres({ connectionString: directConnectionString })(
      [channel],
      { onMessage: () => heard.resolve(), onLost: (cause) => heard.reject(cause ?? new Error('the connection ended')) },
      signal,
    );
    try {
      await pool.query('select pg_notify($1, $2)', [channel, 'notification']);
      await Promise.race([
        heard.promise,
        delay(patienceMs.check, undefined, { ref: false }).then(() => Promise.reject(new Error('what was sent did not arrive'))),
      ]);
      return [fine('notifications', 'LISTEN works: processes notice each other’s events and jobs at once')];
    } finally {
      await line.end();
    }
  } catch (error) {
    if (signal.aborted) throw error;
    return [
      doubtful(
        'notifications',
        `LISTEN does not work: ${messageOf(error)}. Events and jobs of other processes are noticed within two seconds instead of at once`,
        'Behind a pooler set DATABASE_DIRECT_URL to the database itself, or REDIS_URL.',
      ),
    ];
  }
}
