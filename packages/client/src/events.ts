import type { Media } from '@safelight/contract/api';
import { isEventName, type EventData, type EventName } from '@safelight/contract/events';

import { pauseOrOnline } from './pause.ts';
import { networkProblem, SafelightProblem } from './problem.ts';
import { fetchAnswer, signed, urlOf, type Connection } from './request.ts';
import { backOffMs } from './retry.ts';
import { createSseParser } from './sse-parser.ts';

/** An event, in the server's order. Pass `id` as `lastEventId` to resume after it. */
export type SafelightEvent = { [Name in EventName]: { id: string; event: Name; data: EventData<Name, Media> } }[EventName];

export type EventFilter = { jobId?: string; mediaId?: string; entity?: string };

/** `open`: events arrive. `connecting`: the first attempt. `reconnecting`: the connection was lost, and `problem` says why. */
export type StreamState = { state: 'connecting' | 'open' | 'reconnecting'; problem?: SafelightProblem };

export type FollowOptions = {
  signal?: AbortSignal | undefined;
  /** Continue after this event instead of from now. */
  lastEventId?: string | undefined;
  onState?: ((state: StreamState) => void) | undefined;
  /** Silence after which a connection counts as lost; the server sends heartbeats more often. Default 45 s. */
  heartbeatTimeoutMs?: number | undefined;
};

/**
 * Follows events for as long as it is iterated, without gaps and without repeats: it reopens a lost or silent connection
 * after the last event that was seen. Ends when `signal` is aborted. Throws `SafelightProblem` only for an error that waiting
 * cannot fix, such as `unauthenticated`.
 * @internal
 */
export async function* followEvents(connection: Connection, filter: EventFilter, options: FollowOptions = {}): AsyncGenerator<SafelightEvent, void, void> {
  const { signal, onState } = options;
  const position: Position = { lastEventId: options.lastEventId, failures: 0, retryMs: 1_000 };
  onState?.({ state: 'connecting' });
  while (true) {
    if (signal?.aborted) return;
    let retryAfterMs = 0;
    try {
      yield* readConnection(connection, filter, position, options);
      if (signal?.aborted) return;
      onState?.({ state: 'reconnecting' });
    } catch (error) {
      if (signal?.aborted) return;
      if (!(error instanceof SafelightProblem) || isFinal(error)) throw error;
      onState?.({ state: 'reconnecting', problem: error });
      retryAfterMs = error.retryAfterMs ?? 0;
    }
    const wait = Math.max(retryAfterMs, position.retryMs / 2) + backOffMs(position.failures);
    position.failures += 1;
    // An abort ends the wait, and the loop.
    await pauseOrOnline(wait, signal).catch(() => undefined);
  }
}

/** State kept from one connection to the next. `retryMs`: about how long to wait before reconnecting, until the server sends another `retry:`. */
type Position = { lastEventId: string | undefined; failures: number; retryMs: number };

async function* readConnection(
  connection: Connection,
  filter: EventFilter,
  position: Position,
  { signal, onState, heartbeatTimeoutMs = 45_000 }: FollowOptions,
): AsyncGenerator<SafelightEvent, void, void> {
  const url = urlOf(connection, 'followEvents', {}, filter);
  const headers = new Headers({ accept: 'text/event-stream', 'cache-control': 'no-cache' });
  if (position.lastEventId) headers.set('last-event-id', position.lastEventId);
  const own = new AbortController();
  const giveUp = (): void => own.abort(networkProblem(url, new Error(`Nothing was heard for ${heartbeatTimeoutMs} ms.`)));
  const stop = (): void => own.abort(signal?.reason);
  signal?.addEventListener('abort', stop, { once: true });
  let silence = setTimeout(giveUp, heartbeatTimeoutMs);
  try {
    const response = await signed(connection, headers, () => fetchAnswer(connection, url, { headers, signal: own.signal }));
    const reader = response.body?.getReader();
    if (!reader)
      throw new SafelightProblem({ code: 'network_error', status: 0, title: 'No stream', detail: 'This platform cannot read an answer as a stream.' });
    onState?.({ state: 'open' });
    const decoder = new TextDecoder();
    const parser = createSseParser();
    while (true) {
      const { done, value } = await readOrLose(reader, url);
      if (done) return;
      clearTimeout(silence);
      silence = setTimeout(giveUp, heartbeatTimeoutMs);
      position.failures = 0;
      const messages = parser.push(decoder.decode(value, { stream: true }));
      position.retryMs = parser.retryMs ?? position.retryMs;
      for (const message of messages) {
        const event = eventOf(message);
        if (event) yield event;
        // Counted as seen only now: if it was lost on the way to the consumer, the next connection sends it again.
        if (message.id !== '') position.lastEventId = message.id;
      }
    }
  } finally {
    clearTimeout(silence);
    signal?.removeEventListener('abort', stop);
    own.abort();
  }
}

async function readOrLose(reader: ReadableStreamDefaultReader<Uint8Array>, url: string): Promise<ReadableStreamReadResult<Uint8Array>> {
  try {
    return await reader.read();
  } catch (error) {
    throw error instanceof SafelightProblem ? error : networkProblem(url, error);
  }
}

/** The server defines names and shapes; events that this client does not know or cannot read are skipped. */
function eventOf(message: { id: string; event: string; data: string }): SafelightEvent | undefined {
  if (!isEventName(message.event)) return undefined;
  try {
    return { id: message.id, event: message.event, data: JSON.parse(message.data) as unknown } as SafelightEvent;
  } catch {
    return undefined;
  }
}

const isFinal = (problem: SafelightProblem): boolean => problem.status >= 400 && problem.status < 500 && problem.status !== 408 && problem.status !== 429;
