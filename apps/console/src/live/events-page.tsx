import { useSyncExternalStore } from 'react';

import { EmptyState } from '../parts/empty-state.tsx';
import { Icon } from '../parts/icon.tsx';
import { hrefOf } from '../route/route.ts';
import { EventRows } from './event-rows.tsx';
import { useLive } from './live.ts';

/** What the server tells, as it happens: the list behind the events a second. */
export function EventsPage() {
  const { log } = useLive();
  const { events } = useSyncExternalStore(log.subscribe, log.getSnapshot);
  return (
    <div className="events-page">
      <nav className="back-nav" aria-label="Overview">
        <a className="button small quiet" href={hrefOf('overview')}>
          <Icon name="previous" />
          Back to the overview
        </a>
      </nav>
      <header className="page-head">
        <div>
          <h1>Events</h1>
          <p className="soft">As they happen, since this tab was opened: the newest 400.</p>
        </div>
      </header>
      {events.length === 0 ? (
        <EmptyState icon="jobs" title="Nothing has happened yet">
          <p className="soft">What happens next appears here by itself.</p>
        </EmptyState>
      ) : (
        <EventRows events={events.toReversed()} linked />
      )}
    </div>
  );
}
