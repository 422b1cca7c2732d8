import { useCallback, useState } from 'react';

import { ProblemNotice } from '../parts/problem-notice.tsx';
import { useLoaded } from '../parts/use-loaded.ts';
import { hrefOf } from '../route/route.ts';
import { useClient } from '../session/session.ts';
import { DeliveryTable } from './delivery-table.tsx';
import { describeRate } from './describe-rate.ts';
import { EndpointActions } from './endpoint-actions.tsx';
import { EndpointDialog } from './endpoint-dialog.tsx';
import { EndpointState } from './endpoint-state.tsx';
import { RemoveDialog } from './remove-dialog.tsx';
import { ReplayDialog } from './replay-dialog.tsx';
import { SecretNotice } from './secret-notice.tsx';
import { useAct } from './use-act.ts';

const aDay = 86_400_000;

/** One endpoint: how it does, what it was sent, and what can be done about it. */
export function EndpointDetail({ id }: { id: string }) {
  const client = useClient();
  const [secret, setSecret] = useState<string | null>(null);
  const [dialog, setDialog] = useState<'change' | 'remove' | 'replay' | null>(null);
  /** Since when what it missed is offered, after it was enabled again. */
  const [missedSince, setMissedSince] = useState<Date | null>(null);
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
  const disable = async (): Promise<void> => {
    await client.webhooks.patch(id, { state: 'disabled' });
    setMissedSince(null);
  };
  const enable = async (): Promise<void> => {
    await client.webhooks.patch(id, { state: 'enabled' });
    // What is older than 30 days is kept no longer.
    if (webhook.counts.dead > 0) setMissedSince(new Date(webhook.failingSince ?? Date.now() - 30 * aDay));
  };
  const isEnabled = webhook.state === 'enabled';
  const closed = (): void => {
    setDialog(null);
    setMissedSince(null);
    done();
  };
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
            {webhook.collections !== undefined && <> of {webhook.collections.join(', ')}</>}
          </p>
          {webhook.description !== '' && <p className="soft">{webhook.description}</p>}
        </div>
        <EndpointActions
          webhook={webhook}
          busy={busy}
          onTest={() => act('No test could be sent', async () => await client.webhooks.test(id))}
          onReplay={() => setDialog('replay')}
          onChange={() => setDialog('change')}
          onRotate={() => act('The secret could not be changed', async () => setSecret((await client.webhooks.rotate(id)).secret))}
          onTurn={() => (isEnabled ? act('It could not be disabled', disable) : act('It could not be enabled', enable))}
          onRemove={() => setDialog('remove')}
        />
      </header>
      {webhook.fromEnvironment && <p className="soft">It is set by SAFELIGHT_WEBHOOK_URL and can only be changed there.</p>}
      {webhook.disabledReason !== null && <p className="notice">It was disabled: {webhook.disabledReason}</p>}
      {isEnabled && missedSince !== null && (
        <div className="notice" role="status">
          <div className="notice-body">
            <strong>It is told again what happens from now on</strong>
            <p>What it missed is kept, and can be delivered as well.</p>
            <div className="actions">
              <button className="button small" type="button" onClick={() => setDialog('replay')}>
                Replay what it missed
              </button>
            </div>
          </div>
        </div>
      )}
      {secret !== null && <SecretNotice secret={secret} what={webhook.url} onClose={() => setSecret(null)} />}
      {secret !== null && <p className="soft">For a day messages are signed with the old secret as well.</p>}
      <DeliveryTable key={turn} endpointId={id} onChanged={reload} />
      {dialog === 'change' && <EndpointDialog webhook={webhook} onChanged={closed} onClose={() => setDialog(null)} />}
      {dialog === 'remove' && <RemoveDialog webhook={webhook} onClose={() => setDialog(null)} />}
      {dialog === 'replay' && <ReplayDialog endpointId={id} since={missedSince} onReplayed={closed} onClose={() => setDialog(null)} />}
    </>
  );
}
