import { useCallback, useState } from 'react';

import { ProblemNotice } from '../parts/problem-notice.tsx';
import { useLoaded } from '../parts/use-loaded.ts';
import { hrefOf } from '../route/route.ts';
import { useClient } from '../session/session.ts';
import { DeliveryTable } from './delivery-table.tsx';
import { describeRate } from './describe-rate.ts';
import { EndpointState } from './endpoint-state.tsx';
import { SecretNotice } from './secret-notice.tsx';
import { useAct } from './use-act.ts';

/** One endpoint: how it does, what it was sent, and what can be done about it. */
export function EndpointDetail({ id }: { id: string }) {
  const client = useClient();
  const [secret, setSecret] = useState<string | null>(null);
  const [turn, setTurn] = useState(0);
  const load = useCallback((signal: AbortSignal) => client.webhooks.read(id, { signal }), [client, id]);
  const { value: webhook, problem, reload } = useLoaded(load);
  const done = (): void => {
    reload();
    setTurn((before) => before + 1);
  };
  const { busy, act } = useAct(done);
  if (webhook === null)
    return problem === null ? (
      <div className="skeleton jobs-skeleton" role="status" aria-label="Reading the endpoint" />
    ) : (
      <ProblemNotice problem={problem} title="The endpoint could not be read" onRetry={reload} />
    );
  const isEnabled = webhook.state === 'enabled';
  const turnOver = (): void =>
    act(
      isEnabled ? 'It could not be disabled' : 'It could not be enabled',
      async () => await client.webhooks.patch(id, { state: isEnabled ? 'disabled' : 'enabled' }),
    );
  const rotate = (): void => act('The secret could not be changed', async () => setSecret((await client.webhooks.rotate(id)).secret));
  return (
    <>
      <p className="fine">
        <a href={hrefOf('webhooks')}>All endpoints</a>
      </p>
      <header className="page-head">
        <div>
          <h1 className="endpoint-url">{webhook.url}</h1>
          <p className="soft">
            <EndpointState webhook={webhook} /> {describeRate(webhook.counts)} · {webhook.events.join(', ')}
          </p>
        </div>
        <div className="actions">
          <button
            className="button"
            type="button"
            disabled={busy || !isEnabled}
            onClick={() => act('No test could be sent', async () => await client.webhooks.test(id))}
          >
            Send a test
          </button>
          {!webhook.fromEnvironment && (
            <>
              <button className="button" type="button" disabled={busy} onClick={rotate}>
                New secret
              </button>
              <button className="button" type="button" disabled={busy} onClick={turnOver}>
                {isEnabled ? 'Disable' : 'Enable'}
              </button>
            </>
          )}
        </div>
      </header>
      {webhook.fromEnvironment && <p className="soft">It is set by SAFELIGHT_WEBHOOK_URL and can only be changed there.</p>}
      {webhook.disabledReason !== null && <p className="notice">It was disabled: {webhook.disabledReason}</p>}
      {secret !== null && <SecretNotice secret={secret} what={webhook.url} onClose={() => setSecret(null)} />}
      {secret !== null && <p className="soft">For a day messages are signed with the old secret as well.</p>}
      <DeliveryTable key={turn} endpointId={id} onChanged={reload} />
    </>
  );
}
