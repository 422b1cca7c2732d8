import { setTimeout as delay } from 'node:timers/promises';

import type { Config } from '../../config.ts';
import { createLog } from '../../lib/log.ts';
import { patienceMs } from '../../lib/patience.ts';
import { lineToRedis, openRedisPublisher } from '../../lib/redis-notifications.ts';
import { broken, fine, messageOf, type Finding } from './finding.ts';

/** Sends a message over Redis and waits for it. */
export async function checkRedis({ redisUrl }: Pick<Config, 'redisUrl'>, { signal }: { signal: AbortSignal }): Promise<Finding[]> {
  if (redisUrl === null) return [fine('Redis', 'not used: Postgres sends the notifications')];
  const channel = `safelight_doctor_${crypto.randomUUID()}`;
  const heard = Promise.withResolvers<void>();
  const publisher = await openRedisPublisher({ url: redisUrl, log: createLog({ level: 'silent' }) });
  try {
    const line = await lineToRedis(redisUrl)([channel], { onMessage: () => heard.resolve(), onLost: (cause) => heard.reject(cause) }, signal);
    try {
      await publisher.ready(AbortSignal.any([signal, AbortSignal.timeout(patienceMs.check)]));
      await publisher.publish([{ channel, payload: 'notification' }]);
      await Promise.race([
        heard.promise,
        delay(patienceMs.check, undefined, { signal, ref: false }).then(() => Promise.reject(new Error('what was published did not arrive'))),
      ]);
      return [fine('Redis', 'sends the notifications: processes notice each other’s events and jobs at once')];
    } finally {
      await line.end();
    }
  } catch (error) {
    if (signal.aborted) throw error;
    heard.promise.catch(() => undefined);
    return [
      broken(
        'Redis',
        `sends no notifications: ${messageOf(error)}`,
        'Check REDIS_URL: host, port, password, TLS (rediss://). Or leave it out: Postgres sends them too.',
      ),
    ];
  } finally {
    await publisher.close();
  }
}
