import type { Line, OpenLine } from './notification-line.ts';
import { notificationChannel, type NotificationTopic } from './notify.ts';
import type { Log } from './log.ts';

export type NotificationListener = {
  /** Called with the items of one message. */
  onNotifications(items: string[]): void;
  /** Notifications may have been missed until now: check everything. Called after every (re)connection. */
  onConnected?(): void;
};

export type Hearing = {
  /** Resolves once the first connection listens, or has failed and is being retried. */
  ready: Promise<void>;
  /** Returns the function that stops listening. May be called before the connection is open. */
  hear(topic: NotificationTopic, listener: NotificationListener): () => void;
  close(): Promise<void>;
};

const topics: readonly NotificationTopic[] = ['events', 'jobs', 'uploads'];
const retryMs = { first: 100, most: 5_000 };

/**
 * The one connection of this process that receives notifications, for all its listeners. It reconnects with growing pauses, and tells listeners each
 * time, because notifications were lost meanwhile.
 */
export function listenForNotifications(options: { open: OpenLine; log: Log }): Hearing {
  const { log } = options;
  const listeners = new Map<NotificationTopic, Set<NotificationListener>>(topics.map((topic) => [topic, new Set()]));
  const closing = new AbortController();
  let line: Line | undefined;
  let pause: NodeJS.Timeout | undefined;
  let pauseMs = retryMs.first;

  const tell = (topic: NotificationTopic, call: (listener: NotificationListener) => void): void => {
    for (const listener of listeners.get(topic) ?? []) {
      try {
        call(listener);
      } catch (cause) {
        log.error({ err: cause, topic }, 'A listener for notifications threw.');
      }
    }
  };

  const connect = async (): Promise<void> => {
    let gone = false;
    const onLost = (cause?: unknown): void => {
      if (gone) return;
      gone = true;
      void line?.end();
      line = undefined;
      if (closing.signal.aborted) return;
      log.warn({ err: cause, retryInMs: pauseMs }, 'Notifications of other processes are lost; their changes are noticed within two seconds.');
      pause = setTimeout(() => void connect(), pauseMs);
      pauseMs = Math.min(pauseMs * 2, retryMs.most);
    };
    const onMessage = (channel: string, payload: string): void => {
      const topic = topics.find((candidate) => notificationChannel(candidate) === channel);
      if (topic !== undefined && payload !== '') tell(topic, (listener) => listener.onNotifications(payload.split(',')));
    };
    try {
      const opened = await options.open(topics.map(notificationChannel), { onMessage, onLost }, closing.signal);
      if (gone || closing.signal.aborted) return await opened.end();
      line = opened;
    } catch (cause) {
      return onLost(cause);
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
      await line?.end();
    },
  };
}
