import { describe, expect, onTestFinished, test } from 'vitest';

import { startRedis, whyNoRedis, type RunningRedis } from '../../test/support/redis.ts';
import { checkRedis } from '../bin/doctor/check-redis.ts';
import { openDatabase } from './database.ts';
import { listenForNotifications, type Hearing } from './listen-for-notifications.ts';
import { notify, publishNotificationsBy } from './notify.ts';
import { createLog } from './log.ts';
import { lineToRedis, openRedisPublisher } from './redis-notifications.ts';

const why = whyNoRedis();
const log = createLog({ level: 'silent' });
const signal = new AbortController().signal;

describe.skipIf(why !== null)(`notifications over Redis (${why ?? 'a real one'})`, () => {
  // An unreachable database: a notification that went through Postgres would never arrive.
  const { db } = openDatabase({ connection: 'postgres://127.0.0.1:1/none', log });

  async function redis(options: { port?: number } = {}): Promise<RunningRedis> {
    const started = await startRedis(options);
    onTestFinished(started.stop);
    return started;
  }

  async function publishing(url: string): Promise<void> {
    const publisher = await openRedisPublisher({ url, log });
    onTestFinished(publisher.close);
    publishNotificationsBy(db, publisher.publish);
  }

  function hearing(url: string): Hearing {
    const heard = listenForNotifications({ open: lineToRedis(url), log });
    onTestFinished(async () => await heard.close());
    return heard;
  }

  test('reach every listener, without Postgres', async () => {
    const { url } = await redis();
    await publishing(url);
    const heard: string[] = [];
    const [one, other] = [hearing(url), hearing(url)];
    await Promise.all([one.ready, other.ready]);
    one.hear('jobs', { onNotifications: (items) => heard.push(...items.map((item) => `one ${item}`)) });
    other.hear('jobs', { onNotifications: (items) => heard.push(...items.map((item) => `other ${item}`)) });
    await expect
      .poll(() => {
        notify(db, 'jobs', 'short');
        return [...new Set(heard)].toSorted();
      })
      .toEqual(['one short', 'other short']);
  });

  test('report that they may have missed something after Redis was away', async () => {
    const first = await redis();
    await publishing(first.url);
    const ears = hearing(first.url);
    await ears.ready;
    let connected = 0;
    const heard: string[] = [];
    ears.hear('events', { onNotifications: (items) => heard.push(...items), onConnected: () => connected++ });
    await first.stop();
    notify(db, 'events', 'lost');
    await redis({ port: first.port });
    await expect.poll(() => connected, { timeout: 20_000 }).toBe(1);
    await expect
      .poll(
        () => {
          notify(db, 'events', 'again');
          return heard;
        },
        { timeout: 20_000 },
      )
      .toContain('again');
    expect(heard).not.toContain('lost');
  });

  test('do not delay a stop if Redis no longer answers', async () => {
    const { url } = await redis();
    const publisher = await openRedisPublisher({ url, log });
    await publisher.ready(signal);
    const { createClient } = await import('@redis/client');
    const operator = createClient({ url });
    await operator.connect();
    await operator.sendCommand(['CLIENT', 'PAUSE', '60000', 'ALL']);
    const said = publisher.publish([{ channel: 'safelight_jobs', payload: 'short' }]).catch((error: unknown) => error);
    await publisher.close();
    expect(await said).toBeInstanceOf(Error);
    operator.destroy();
  });

  test('do not keep a process from starting or stopping without Redis', async () => {
    const { url, stop } = await redis();
    await stop();
    const publisher = await openRedisPublisher({ url, log });
    await expect(publisher.publish([{ channel: 'safelight_jobs', payload: 'short' }])).rejects.toThrow();
    const ears = listenForNotifications({ open: lineToRedis(url), log });
    await ears.ready;
    await ears.close();
    await publisher.close();
  });

  test('are checked by the doctor, which says what to do if they fail', async () => {
    const { url, stop } = await redis();
    expect(await checkRedis({ redisUrl: url }, { signal })).toMatchObject([{ result: 'ok' }]);
    await stop();
    expect(await checkRedis({ redisUrl: url }, { signal })).toMatchObject([{ result: 'failed', fix: expect.stringContaining('REDIS_URL') }]);
  });
});
