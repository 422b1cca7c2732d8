import type { SafelightEvent } from '@safelight/client';
import { ProgressBar } from '@safelight/react';

import { hrefOf } from '../route/route.ts';
import { describeEvent } from './describe-event.ts';
import type { LoggedEvent } from './live.ts';

/** Events in the order that they are given in; with `linked`, each leads to the record that it is about. */
export function EventRows({ events, linked = false }: { events: readonly LoggedEvent[]; linked?: boolean }) {
  return (
    // Focusable, so that a keyboard can scroll it.
    // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
    <ol className="event-list" tabIndex={0} aria-label="Events, newest first" data-linked={linked}>
      {events.map(({ key, event }, index) => (
        <li key={key} data-tone={toneOf(event)}>
          <time dateTime={event.data.at}>{clockOf(event.data.at)}</time>
          <code>{event.event}</code>
          {linked && <About event={event} />}
          <span className="event-words">{describeEvent(event)}</span>
          {!linked && index === 0 && 'progress' in event.data && (
            <ProgressBar className="progress" value={event.data.progress} label={`${event.event} of this record`} />
          )}
        </li>
      ))}
    </ol>
  );
}

/** The record, or else the job, that an event is about. */
function About({ event: { data } }: { event: SafelightEvent }) {
  const { mediaId, jobId } = data;
  if (mediaId !== undefined)
    return (
      <a dir="auto" href={hrefOf('library', mediaId)}>
        {nameOf(data) ?? `record ${mediaId.slice(-8)}`}
      </a>
    );
  return jobId === undefined ? <span /> : <a href={hrefOf('jobs', jobId)}>job {jobId.slice(-8)}</a>;
}

const nameOf = (data: SafelightEvent['data']): string | undefined =>
  'media' in data && 'originalFileName' in data.media ? data.media.originalFileName : undefined;

const clock = new Intl.DateTimeFormat([], { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3, hourCycle: 'h23' });
const clockOf = (at: string): string => clock.format(new Date(at));

function toneOf({ event }: SafelightEvent): 'good' | 'bad' | 'plain' {
  if (event.endsWith('_failed')) return 'bad';
  return event.endsWith('_complete') || event === 'media_published' || event === 'media_restored' ? 'good' : 'plain';
}
