import type { Delivery } from '@safelight/contract/webhooks';
import { useCallback, useEffect, useState } from 'react';

import { EmptyState } from '../parts/empty-state.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { TimeAgo } from '../parts/time-ago.tsx';
import { useLoaded } from '../parts/use-loaded.ts';
import { useClient } from '../session/session.ts';
import { DeliveryDialog } from './delivery-dialog.tsx';

const tones = { pending: 'busy', delivered: 'good', dead: 'bad' } as const satisfies Record<Delivery['state'], string>;
const states = ['pending', 'delivered', 'dead'] as const satisfies readonly Delivery['state'][];
const pollMs = 2_000;

/** What an endpoint was sent, the newest first, as it goes. */
export function DeliveryTable({ endpointId, onChanged }: { endpointId: string; onChanged: () => void }) {
  const client = useClient();
  const [state, setState] = useState<Delivery['state'] | ''>('');
  const [opened, setOpened] = useState<string | null>(null);
  const load = useCallback(
    async (signal: AbortSignal) => (await client.webhooks.deliveries(endpointId, { limit: 50, ...(state === '' ? {} : { state }) }, { signal })).deliveries,
    [client, endpointId, state],
  );
  const { value, problem, reload } = useLoaded(load);
  const isMoving = value?.some((one) => one.state === 'pending') ?? false;
  useEffect(() => {
    if (!isMoving) return undefined;
    const timer = setInterval(() => (reload(), onChanged()), pollMs);
    return () => clearInterval(timer);
  }, [isMoving, reload, onChanged]);
  return (
    <section aria-label="Deliveries">
      <form className="filters" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
        <label className="field">
          <span className="field-label">State</span>
          <select value={state} onChange={(event) => setState(states.find((one) => one === event.target.value) ?? '')}>
            <option value="">All</option>
            {states.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
      </form>
      {problem !== null && <ProblemNotice problem={problem} title="The deliveries could not be read" onRetry={reload} />}
      {value === null && problem === null && <div className="skeleton jobs-skeleton" role="status" aria-label="Reading the deliveries" />}
      {value?.length === 0 && (
        <EmptyState icon="webhooks" title={state === '' ? 'Nothing was sent yet' : `No delivery is ${state}`}>
          <p className="soft">Send a test, or upload something.</p>
        </EmptyState>
      )}
      {value !== null && value.length > 0 && (
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
              {value.map((delivery) => (
                <tr key={delivery.id}>
                  <th scope="row">
                    <button className="link-button" type="button" onClick={() => setOpened(delivery.id)}>
                      {delivery.event}
                    </button>
                    <span className="fine">{delivery.mediaId === null ? '' : `record ${delivery.mediaId.slice(-8)}`}</span>
                  </th>
                  <td>
                    <span className="badge" data-tone={tones[delivery.state]}>
                      {delivery.state}
                    </span>
                  </td>
                  <td className="fine">{delivery.attemptCount}</td>
                  <td className="fine">
                    <TimeAgo at={delivery.createdAt} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {opened !== null && <DeliveryDialog endpointId={endpointId} deliveryId={opened} onClose={() => setOpened(null)} onRedelivered={reload} />}
    </section>
  );
}
