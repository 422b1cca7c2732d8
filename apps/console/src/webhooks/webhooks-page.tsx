import type { Webhook, WebhookWithSecret } from '@safelight/contract/webhooks';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { EmptyState } from '../parts/empty-state.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { useRoute } from '../route/use-route.ts';
import { useClient } from '../session/session.ts';
import { EndpointBanner } from './endpoint-banner.tsx';
import { EndpointDetail } from './endpoint-detail.tsx';
import { EndpointDialog } from './endpoint-dialog.tsx';
import { EndpointRow } from './endpoint-row.tsx';
import { SecretNotice } from './secret-notice.tsx';

/** The application's endpoints, and what became of the messages of one when the address names it. */
export function WebhooksPage() {
  const { id } = useRoute();
  return <div className="webhooks-page">{id === null ? <Endpoints /> : <EndpointDetail key={id} id={id} />}</div>;
}

function Endpoints() {
  const client = useClient();
  const [adding, setAdding] = useState(false);
  const [added, setAdded] = useState<WebhookWithSecret | null>(null);
  const { data, error, refetch } = useQuery({ queryKey: ['webhooks'], queryFn: ({ signal }) => client.webhooks.list({ signal }) });
  return (
    <>
      <header className="page-head">
        <div>
          <h1>Webhooks</h1>
          <p className="soft">Addresses of your application that get a signed message about what happens. A message that is not answered is sent again.</p>
        </div>
        <button className="button primary" type="button" onClick={() => setAdding(true)}>
          Add an endpoint
        </button>
      </header>
      {added !== null && <SecretNotice secret={added.secret} what={added.url} onClose={() => setAdded(null)} />}
      <EndpointBanner webhooks={data ?? []} />
      {error !== null && <ProblemNotice problem={error} title="The endpoints could not be read" onRetry={() => void refetch()} />}
      {data === undefined && error === null && <div className="skeleton jobs-skeleton" role="status" aria-label="Reading the endpoints" />}
      {data?.length === 0 && (
        <EmptyState icon="webhooks" title="No endpoints yet">
          <p className="soft">
            Add the address where your application takes messages. While you write it, “safelight webhooks listen” forwards them to your machine.
          </p>
        </EmptyState>
      )}
      {data !== undefined && data.length > 0 && <EndpointTable webhooks={data} />}
      {adding && (
        <EndpointDialog
          onClose={() => setAdding(false)}
          onAdded={(webhook) => {
            setAdding(false);
            setAdded(webhook);
            void refetch();
          }}
        />
      )}
    </>
  );
}

function EndpointTable({ webhooks }: { webhooks: readonly Webhook[] }) {
  return (
    <div className="job-table">
      <table>
        <caption className="visually-hidden">Endpoints</caption>
        <thead>
          <tr>
            <th scope="col">Endpoint</th>
            <th scope="col">State</th>
            <th scope="col">Delivered in 30 days</th>
            <th scope="col">Added</th>
          </tr>
        </thead>
        <tbody>
          {webhooks.map((webhook) => (
            <EndpointRow key={webhook.id} webhook={webhook} />
          ))}
        </tbody>
      </table>
    </div>
  );
}
