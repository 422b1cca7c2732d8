import { Client, type ClientConfig } from 'pg';

import { hintChannel, type HintTopic } from './hints.ts';
import type { Log } from './log.ts';

export type HintListener = {
  /** The items of one message. */
  onHints(items: string[]): void;
  /** Hints may have been missed until now: look at everything. Called after every (re)connection. */
  onConnected?(): void;
};

export type Hearing = {
  /** Resolves once the first connection listens, or has failed and is being retried. */
  ready: Promise<void>;
  /** Answers how to stop. May be called before the connection stands. */
  hear(topic: HintTopic, listener: HintListener): () => void;
  close(): Promise<void>;
};

const topics: readonly HintTopic[] = ['events', 'jobs', 'uploads'];
const retryMs = { first: 100, most: 5_000 };

/**
 * The one connection of this process that LISTENs, for everybody in it. It reconnects by itself, with a growing pause, and tells
 * its listeners each time, because what was notified meanwhile is lost.
 */
export function hearHints(options: { connection: ClientConfig; log: Log }): Hearing {
  const { log } = options;
  const listeners = new Map<HintTopic, Set<HintListener>>(topics.map((topic) => [topic, new Set()]));
  const closing = new AbortController();
  let client: Client | undefined;
  let pause: NodeJS.Timeout | undefined;
  let pauseMs = retryMs.first;

  const tell = (topic: HintTopic, call: (listener: HintListener) => void): void => {
    for (const listener of listeners.get(topic) ?? []) {
      try {
        call(listener);
      } catch (cause) {
        log.error({ err: cause, topic }, 'A listener for hints threw.');
      }
    }
  };

  const connect = async (): Promise<void> => {
    const fresh = new Client({ ...options.connection, application_name: 'safelight hints', keepAlive: true });
    client = fresh;
    let gone = false;
    const lost = (cause?: unknown): void => {
      if (gone) return;
      gone = true;
      void fresh.end().catch(() => undefined);
      if (closing.signal.aborted) return;
      log.warn({ err: cause, retryInMs: pauseMs }, 'The connection that listens for hints is gone; polling until it is back.');
      pause = setTimeout(() => void connect(), pauseMs);
      pauseMs = Math.min(pauseMs * 2, retryMs.most);
    };
    fresh.on('error', lost);
    fresh.on('end', () => lost());
    fresh.on('notification', ({ channel, payload }) => {
      const topic = topics.find((candidate) => hintChannel(candidate) === channel);
      if (topic !== undefined && payload !== undefined && payload !== '') tell(topic, (listener) => listener.onHints(payload.split(',')));
    });
    try {
      await fresh.connect();
      await fresh.query(topics.map((topic) => `listen ${hintChannel(topic)}`).join('; '));
    } catch (cause) {
      lost(cause);
      return;
    }
    pauseMs = retryMs.first;
    for (const topic of topics) tell(topic, (listener) => listener.onConnected?.());
  };

  const ready = connect();
  return {
    ready,
    hear(topic, listener) {
      listeners.get(topic)?.add(listener);
      return () => void listeners.get(topic)?.delete(listener);
    },
    async close() {
      closing.abort();
      clearTimeout(pause);
      await client?.end().catch(() => undefined);
    },
  };
}
