import type { HubState, SafelightEvent, Store } from '@safelight/client';
import { createContext, useContext } from 'react';

/** An event and when this page learned of it; `key` is unique also among events that have no id. */
export type LoggedEvent = { key: number; event: SafelightEvent };
/** The newest last. */
export type EventLog = { events: readonly LoggedEvent[] };

/** That a record is not what it was: told by the server's events, and by what is done on this page before they arrive. */
export type MediaChange = { id: string; deleted: boolean };

export type Live = {
  connection: HubState;
  online: boolean;
  /** Followed by what shows events, and by nothing else: a storm of them draws no page anew. */
  log: Store<EventLog>;
  onMediaChange: (listener: (change: MediaChange) => void) => () => void;
  onEvent: (listener: (event: SafelightEvent) => void) => () => void;
  announce: (change: MediaChange) => void;
};

export const LiveContext = createContext<Live | null>(null);

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (live === null) throw new Error('Only what stands below LiveProvider hears events.');
  return live;
}
