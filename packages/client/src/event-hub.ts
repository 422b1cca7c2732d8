import { followEvents, type SafelightEvent, type StreamState } from './events.ts';
import { asProblem, type SafelightProblem } from './problem.ts';
import type { Connection } from './request.ts';

export type HubState = { state: 'closed'; problem?: SafelightProblem } | StreamState;

export type HubListener = {
  onEvent?: ((event: SafelightEvent) => void) | undefined;
  /** Also called once at the beginning. After `open` no event is missed; read what you follow once, for what happened before. */
  onState?: ((state: HubState) => void) | undefined;
};

export type EventHub = {
  /** Listens to all events of the caller, until the returned function is called. */
  subscribe: (listener: HubListener) => () => void;
};

/**
 * One connection for any number of listeners, open while there is at least one. Browsers allow six connections to a host over
 * HTTP/1.1; with one stream for each of seven uploads, none of the uploads would move.
 * @internal
 */
export function createEventHub(connection: Connection): EventHub {
  const listeners = new Set<HubListener>();
  let state: HubState = { state: 'closed' };
  let running: AbortController | undefined;

  const setState = (next: HubState): void => {
    state = next;
    for (const listener of listeners) listener.onState?.(next);
  };

  const run = async (own: AbortController): Promise<void> => {
    const onState = (next: StreamState): void => {
      if (running === own) setState(next);
    };
    let problem: SafelightProblem | undefined;
    let hasPosition: boolean;
    do {
      problem = undefined;
      hasPosition = false;
      try {
        for await (const event of followEvents(connection, {}, { signal: own.signal, onState })) {
          hasPosition = true;
          for (const listener of listeners) listener.onEvent?.(event);
        }
      } catch (error) {
        problem = asProblem(error);
      }
      // The server no longer has the events since our position. Listeners read what they follow at each `open`, so they lose nothing if we continue from now.
    } while (problem?.code === 'invalid_request' && hasPosition);
    if (running !== own) return;
    running = undefined;
    setState(problem ? { state: 'closed', problem } : { state: 'closed' });
  };

  return {
    subscribe(listener) {
      listeners.add(listener);
      if (running) listener.onState?.(state);
      else {
        running = new AbortController();
        void run(running);
      }
      return () => {
        if (!listeners.delete(listener) || listeners.size > 0) return;
        running?.abort();
        running = undefined;
        state = { state: 'closed' };
      };
    },
  };
}
