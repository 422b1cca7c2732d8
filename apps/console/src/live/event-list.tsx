import { useSyncExternalStore } from 'react';

import { ConnectionLamp } from './connection-lamp.tsx';
import { EventRows } from './event-rows.tsx';
import { useLive } from './live.ts';

/** What has been told of one record since this page was opened, the newest first. */
export function EventList({ mediaId }: { mediaId: string }) {
  const { log } = useLive();
  const { events } = useSyncExternalStore(log.subscribe, log.getSnapshot);
  const own = events.filter(({ event }) => event.data.mediaId === mediaId).toReversed();
  return (
    <section className="events" aria-labelledby={`events-${mediaId}`}>
      <header className="section-head">
        <h3 id={`events-${mediaId}`}>Events</h3>
        <ConnectionLamp />
      </header>
      {own.length === 0 ? (
        <p className="soft">Nothing has happened since this page was opened. What happens next appears here by itself.</p>
      ) : (
        <EventRows events={own} />
      )}
    </section>
  );
}
