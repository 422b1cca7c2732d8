import { Client, type ClientConfig } from 'pg';
import { listenerName } from './other-versions.ts';
import { owned } from './owned.ts';
import { patienceMs } from './patience.ts';
import { version } from './version.ts';

/** The events of a line: messages, and finally that the line was lost. */
export type LineEvents = { onMessage(channel: string, payload: string): void; onLost(cause?: unknown): void };
export type Line = { end(): Promise<void> };
/** Resolves once every channel is listened to. Ends when the signal aborts. */
export type OpenLine = (channels: readonly string[], events: LineEvents, signal: AbortSignal) => Promise<Line>;

/** LISTENs on a connection of its own, which must not go through a pooler that shares connections. */
export const lineToPostgres =
  (connection: ClientConfig): OpenLine =>
  async (channels, { onMessage, onLost }, signal) => {
    const client = owned(
      new Client({ ...connection, application_name: listenerName(version), keepAlive: true, keepAliveInitialDelayMillis: patienceMs.databaseProbe }),
    );
    const end = async (): Promise<void> => await client.end().catch(() => undefined);
    const abort = (): void => void end();
    signal.addEventListener('abort', abort, { once: true });
    client.on('error', onLost);
    client.on('end', () => onLost());
    client.on('notification', ({ channel, payload }) => onMessage(channel, payload ?? ''));
    try {
      await client.connect();
      await client.query(channels.map((channel) => `listen ${channel}`).join('; '));
      return { end };
    } catch (cause) {
      await end();
      throw cause;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  };
