import { eventNames } from '@safelight/contract/events';
import type { Delivery } from '@safelight/contract/webhooks';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { recoveryOf } from '../live/recovery-of.ts';
import { EmptyState } from '../parts/empty-state.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { useClient } from '../session/session.ts';
import { DeliveryDialog } from './delivery-dialog.tsx';
import { DeliveryRow } from './delivery-row.tsx';

const states = ['pending', 'delivered', 'dead'] as const satisfies readonly Delivery['state'][];
const events = [...eventNames, 'webhook_test'] as const satisfies readonly Delivery['event'][];
type Wanted = { state: Delivery['state'] | ''; event: Delivery['event'] | '' };
const pollMs = 2_000;

/** What an endpoint was sent, the newest first, as it goes; a page at a time. */
export function DeliveryTable({ endpointId }: { endpointId: string }) {
  const client = useClient();
  const [wanted, setWanted] = useState<Wanted>({ state: '', event: '' });
  const { state, event } = wanted;
  /** Where the pages begin that were gone through; the last is the one that is shown. */
  const [cursors, setCursors] = useState<readonly string[]>([]);
  const [opened, setOpened] = useState<string | null>(null);
  const cursor = cursors.at(-1);
  const { data, error, refetch } = useQuery({
    queryKey: ['deliveries', endpointId, state, event, cursor],
    queryFn: ({ signal }) => {
      const query = { limit: 25, ...(state !== '' && { state }), ...(event !== '' && { event }), ...(cursor !== undefined && { cursor }) };
      return client.webhooks.deliveries(endpointId, query, { signal });
    },
    placeholderData: keepPreviousData,
    refetchInterval: (query) => (query.state.data?.deliveries.some((one) => one.state === 'pending') === true ? pollMs : recoveryOf(query)),
  });
  const next = data?.nextCursor ?? null;
  return (
    <section aria-label="Deliveries">
      <Filters
        wanted={wanted}
        onChange={(part) => {
          setCursors([]);
          setWanted((before) => ({ ...before, ...part }));
        }}
      />
      {error !== null && <ProblemNotice problem={error} title="The deliveries could not be read" onRetry={() => void refetch()} />}
      {data === undefined && error === null && <div className="skeleton jobs-skeleton" role="status" aria-label="Reading the deliveries" />}
      {data?.deliveries.length === 0 && (
        <EmptyState icon="webhooks" title={state === '' && event === '' ? 'Nothing was sent yet' : 'No delivery matches'}>
          <p className="soft">Send a test, or upload something.</p>
        </EmptyState>
      )}
      {data !== undefined && data.deliveries.length > 0 && <Rows deliveries={data.deliveries} onOpen={setOpened} />}
      {(cursors.length > 0 || next !== null) && (
        <nav className="actions centred" aria-label="Pages of deliveries">
          <button className="button" type="button" data-repeats aria-disabled={cursors.length === 0} onClick={() => setCursors(cursors.slice(0, -1))}>
            Newer
          </button>
          <button className="button" type="button" data-repeats aria-disabled={next === null} onClick={() => next !== null && setCursors([...cursors, next])}>
            Older
          </button>
        </nav>
      )}
      {opened !== null && <DeliveryDialog endpointId={endpointId} deliveryId={opened} onClose={() => setOpened(null)} onRedelivered={() => void refetch()} />}
    </section>
  );
}

function Filters({ wanted: { state, event }, onChange }: { wanted: Wanted; onChange: (part: Partial<Wanted>) => void }) {
  return (
    <form className="filters" aria-label="Filters" onSubmit={(submit) => submit.preventDefault()}>
      <label className="field">
        <span className="field-label">State</span>
        <select value={state} onChange={({ target }) => onChange({ state: states.find((one) => one === target.value) ?? '' })}>
          <option value="">All</option>
          {states.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <label className="field">
        <span className="field-label">Event</span>
        <select value={event} onChange={({ target }) => onChange({ event: events.find((one) => one === target.value) ?? '' })}>
          <option value="">All</option>
          {events.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
    </form>
  );
}

function Rows({ deliveries, onOpen }: { deliveries: readonly Delivery[]; onOpen: (id: string) => void }) {
  return (
    <div className="job-table">
      <table>
        <caption className="visually-hidden">Deliveries, the newest first</caption>
        <thead>
          <tr>
            <th scope="col">Event</th>
            <th scope="col">State</th>
            <th scope="col">Attempts</th>
            <th scope="col">Happened</th>
          </tr>
        </thead>
        <tbody>
          {deliveries.map((delivery) => (
            <DeliveryRow key={delivery.id} delivery={delivery} onOpen={onOpen} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
