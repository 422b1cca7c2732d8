import type { Client } from '@safelight/client';
import { useQuery } from '@tanstack/react-query';

import { momentOf } from '../format/moment-of.ts';
import { recoveryOf } from '../live/recovery-of.ts';
import { CopyButton } from '../parts/copy-button.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { TimeAgo } from '../parts/time-ago.tsx';
import { useClient } from '../session/session.ts';
import { useAct } from '../shell/use-act.ts';
import { DeliveryState } from './delivery-state.tsx';

type DeliveryDialogProps = { endpointId: string; deliveryId: string; onClose: () => void; onRedelivered: () => void };

const pollMs = 2_000;

/** What was sent, and what was answered each time, as it goes. */
export function DeliveryDialog({ endpointId, deliveryId, onClose, onRedelivered }: DeliveryDialogProps) {
  const client = useClient();
  const {
    data: delivery,
    error,
    refetch,
  } = useQuery({
    queryKey: ['delivery', endpointId, deliveryId],
    queryFn: ({ signal }) => client.webhooks.delivery(endpointId, deliveryId, { signal }),
    refetchInterval: (query) => (query.state.data?.state === 'pending' ? pollMs : recoveryOf(query)),
  });
  const { busy, act } = useAct(() => {
    void refetch();
    onRedelivered();
  });
  return (
    <Dialog label="A delivery" className="delivery-dialog" onClose={onClose}>
      <h2>{delivery?.event ?? 'A delivery'}</h2>
      {error !== null && <ProblemNotice problem={error} title="The delivery could not be read" onRetry={() => void refetch()} />}
      {delivery === undefined && error === null && <div className="skeleton" role="status" aria-label="Reading the delivery" />}
      {delivery !== undefined && <Attempts delivery={delivery} />}
      <div className="actions">
        <button
          className="button primary"
          type="button"
          aria-disabled={busy || delivery === undefined}
          onClick={() => act('It could not be sent again', async () => await client.webhooks.redeliver(endpointId, deliveryId))}
        >
          Send again
        </button>
        <button className="button quiet" type="button" onClick={onClose}>
          Close
        </button>
      </div>
    </Dialog>
  );
}

function Attempts({ delivery }: { delivery: Awaited<ReturnType<Client['webhooks']['delivery']>> }) {
  const body = JSON.stringify(delivery.body, null, 2);
  return (
    <>
      <p className="soft">
        <DeliveryState state={delivery.state} />
        {delivery.nextAt !== null && <> the next attempt is on {momentOf(delivery.nextAt)}</>}
      </p>
      <p className="fine">
        webhook-id <code>{delivery.webhookId}</code>
      </p>
      <h3>Attempts</h3>
      {delivery.attempts.length === 0 ? (
        <p className="soft">None yet.</p>
      ) : (
        <ol className="delivery-attempts">
          {delivery.attempts.map(({ at, status, ms, answer }) => (
            <li key={at}>
              <p>
                <strong>{status ?? 'No answer'}</strong> after {ms} ms, <TimeAgo at={at} />
              </p>
              {answer !== '' && (
                <pre className="snippet" aria-label="What was answered">
                  {answer}
                </pre>
              )}
            </li>
          ))}
        </ol>
      )}
      <h3>
        What was sent <CopyButton text={body} label="Copy what was sent" />
      </h3>
      <pre className="snippet" aria-label="What was sent">
        {body}
      </pre>
    </>
  );
}
