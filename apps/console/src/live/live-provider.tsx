import { createStore, type HubState, type SafelightEvent } from '@safelight/client';
import { useCallback, useEffect, useMemo, useRef, useState, type ReactNode } from 'react';

import { useSession } from '../session/session.ts';
import { appendEvent } from './append-event.ts';
import { LiveContext, type EventLog, type Live, type MediaChange } from './live.ts';
import { useOnline } from './use-online.ts';

/** Holds the console's one event stream open and passes on what it tells. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const { client, generation } = useSession();
  const online = useOnline();
  const [connection, setConnection] = useState<HubState>({ state: 'connecting' });
  const [log] = useState(() => createStore<EventLog>({ events: [] }));
  const changeListeners = useRef(new Set<(change: MediaChange) => void>());
  const eventListeners = useRef(new Set<(event: SafelightEvent) => void>());

  const announce = useCallback((change: MediaChange) => changeListeners.current.forEach((listener) => listener(change)), []);
  const onMediaChange = useCallback((listener: (change: MediaChange) => void) => subscribeTo(changeListeners.current, listener), []);
  const onEvent = useCallback((listener: (event: SafelightEvent) => void) => subscribeTo(eventListeners.current, listener), []);

  useEffect(
    () =>
      client.events.subscribe({
        onState: setConnection,
        onEvent: (event) => {
          log.change({ events: appendEvent(log.getSnapshot().events, event) });
          eventListeners.current.forEach((listener) => listener(event));
          if ('replaced' in event.data) announce({ id: event.data.replaced, deleted: true });
          const { mediaId } = event.data;
          if (mediaId === undefined || event.event.endsWith('_progress')) return;
          announce({ id: mediaId, deleted: event.event === 'media_deleted' || event.event === 'media_purged' });
        },
      }),
    // A stream that ended because the token did is opened again with the next one.
    [client, generation, log, announce],
  );

  const live = useMemo<Live>(
    () => ({ connection, online, log, onMediaChange, onEvent, announce }),
    [connection, online, log, onMediaChange, onEvent, announce],
  );
  return <LiveContext value={live}>{children}</LiveContext>;
}

function subscribeTo<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
