import { ProgressBar } from '@safelight/react';
import type { SafelightEvent } from '@safelight/client';
import { useSyncExternalStore } from 'react';

import { ConnectionLamp } from './connection-lamp.tsx';
import { describeEvent } from './describe-event.ts';
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
        // Focusable, so that a keyboard can scroll it.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <ol className="event-list" tabIndex={0} aria-label="Events, newest first">
          {own.map(({ key, event }, index) => (
            <li key={key} data-tone={toneOf(event)}>
              <time dateTime={event.data.at}>{clockOf(event.data.at)}</time>
              <code>{event.event}</code>
              <span className="event-words">{describeEvent(event)}</span>
              {index === 0 && 'progress' in event.data && (
                <ProgressBar className="progress" value={event.data.progress} label={`${event.event} of this record`} />
              )}
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

const clock = new Intl.DateTimeFormat([], { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3, hourCycle: 'h23' });
const clockOf = (at: string): string => clock.format(new Date(at));

function toneOf({ event }: SafelightEvent): 'good' | 'bad' | 'plain' {
  if (event.endsWith('_failed')) return 'bad';
  return event.endsWith('_complete') || event === 'media_published' || event === 'media_restored' ? 'good' : 'plain';
}
