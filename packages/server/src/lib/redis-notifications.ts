import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';

import { owned } from './owned.ts';
import type { PublishNotifications } from './notify.ts';
import type { OpenLine } from './notification-line.ts';
import type { Log } from './log.ts';
import { patienceMs } from './patience.ts';

const mostPauseMs = 5_000;

/**
 * SUBSCRIBEs on a connection of its own. Redis carries nothing but notifications: it may be emptied, restarted or away at any time, and polling makes
 * up for lost notifications.
 */
export const lineToRedis =
  (url: string): OpenLine =>
  async (channels, { onMessage, onLost }, signal) => {
    const { createClient } = await import('@redis/client');
    // The listener has to know of every reconnection, so it reconnects itself.
    const client = owned(createClient({ url, name: 'safelight-notifications', socket: { reconnectStrategy: false, connectTimeout: patienceMs.redisConnect } }));
    const end = async (): Promise<void> => void (client.isOpen && client.destroy());
    const abort = (): void => void end();
    signal.addEventListener('abort', abort, { once: true });
    client.on('error', onLost);
    client.on('end', () => onLost());
    try {
      await client.connect();
      await client.subscribe([...channels], (payload, channel) => onMessage(channel, payload));
      return { end };
    } catch (cause) {
      await end();
      throw cause;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  };

export type RedisPublisher = {
  publish: PublishNotifications;
  /** Resolves once it can publish. */ ready(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
};

/** Publishes over one connection that reconnects by itself; notifications are lost while it is away, as they may be. */
export async function openRedisPublisher({ url, log }: { url: string; log: Log }): Promise<RedisPublisher> {
  const { createClient } = await import('@redis/client');
  const client = owned(
    createClient({
      url,
      name: 'safelight',
      disableOfflineQueue: true,
      socket: { reconnectStrategy: (retries) => Math.min(100 * 2 ** retries, mostPauseMs), connectTimeout: patienceMs.redisConnect },
    }),
  );
  let isAway = false;
  client.on('error', (error) => {
    if (!isAway) log.warn({ err: error }, 'Redis cannot be reached; other processes notice changes within two seconds until it is back.');
    isAway = true;
  });
  client.on('ready', () => {
    if (isAway) log.info('Redis is back.');
    isAway = false;
  });
  // Not awaited: otherwise the product could not start without Redis.
  void client.connect().catch(() => undefined);
  const underWay = new Set<Promise<unknown>>();
  return {
    async publish(messages) {
      const all = Promise.all(messages.map(({ channel, payload }) => client.publish(channel, payload)));
      underWay.add(all);
      await all.finally(() => underWay.delete(all));
    },
    ready: async (signal) => void (client.isReady || (await once(client, 'ready', { signal }))),
    async close() {
      // The library's own `close` waits for every answer, for ever if Redis hangs or vanishes at that moment.
      const tooLate = new AbortController();
      await Promise.race([Promise.allSettled(underWay), delay(patienceMs.redisLastWords, undefined, { signal: tooLate.signal }).catch(() => undefined)]);
      tooLate.abort();
      if (client.isOpen) client.destroy();
    },
  };
}
