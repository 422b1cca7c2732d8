import type { Webhook } from '@safelight/contract/webhooks';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

import { Icon } from '../parts/icon.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { hrefOf } from '../route/route.ts';
import { useClient } from '../session/session.ts';
import { DeliveryTable } from './delivery-table.tsx';
import { describeEvents } from './describe-events.ts';
import { describeRate } from './describe-rate.ts';
import { EndpointActions } from './endpoint-actions.tsx';
import { EndpointDialog } from './endpoint-dialog.tsx';
import { EndpointState } from './endpoint-state.tsx';
import { RemoveDialog } from './remove-dialog.tsx';
import { ReplayDialog } from './replay-dialog.tsx';
import { SecretNotice } from './secret-notice.tsx';
import { useAct } from '../shell/use-act.ts';

const aDay = 86_400_000;
/** How it does follows from what it is sent, of which no event tells. */
const pollMs = 5_000;

/** One endpoint: how it does, what it was sent, and what can be done about it. */
export function EndpointDetail({ id }: { id: string }) {
  const client = useClient();
  const [secret, setSecret] = useState<string | null>(null);
  const [dialog, setDialog] = useState<'change' | 'remove' | 'replay' | null>(null);
  /** Since when what it missed is offered, after it was enabled again. */
  const [missedSince, setMissedSince] = useState<Date | null>(null);
  const { webhook, error, refetch, done } = useEndpoint(id);
  const { busy, act } = useAct(done);
  if (webhook === undefined)
    return error === null ? (
      <div className="skeleton jobs-skeleton" role="status" aria-label="Reading the endpoint" />
    ) : (
      <ProblemNotice problem={error} title="The endpoint could not be read" onRetry={() => void refetch()} />
    );
  const isEnabled = webhook.state === 'enabled';
  const turn = async (): Promise<void> => {
    await client.webhooks.patch(id, { state: isEnabled ? 'disabled' : 'enabled' });
    // What is older than 30 days is kept no longer.
    setMissedSince(isEnabled || webhook.counts.dead === 0 ? null : new Date(webhook.failingSince ?? Date.now() - 30 * aDay));
  };
  const closed = (): void => {
    setDialog(null);
    setMissedSince(null);
    done();
  };
  return (
    <>
      <nav className="back-nav" aria-label="Webhooks">
        <a className="button small quiet" href={hrefOf('webhooks')}>
          <Icon name="previous" />
          All endpoints
        </a>
      </nav>
      <header className="page-head">
        <Title webhook={webhook} />
        <EndpointActions
          webhook={webhook}
          busy={busy}
          onTest={() => act('No test could be sent', async () => await client.webhooks.test(id))}
          onReplay={() => setDialog('replay')}
          onChange={() => setDialog('change')}
          onRotate={() => act('The secret could not be changed', async () => setSecret((await client.webhooks.rotate(id)).secret))}
          onTurn={() => act(isEnabled ? 'It could not be disabled' : 'It could not be enabled', turn)}
          onRemove={() => setDialog('remove')}
        />
      </header>
      <Notes webhook={webhook} />
      {isEnabled && missedSince !== null && <Missed onReplay={() => setDialog('replay')} />}
      {secret !== null && <NewSecret secret={secret} url={webhook.url} onClose={() => setSecret(null)} />}
      <DeliveryTable endpointId={id} />
      {dialog === 'change' && <EndpointDialog webhook={webhook} onChanged={closed} onClose={() => setDialog(null)} />}
      {dialog === 'remove' && <RemoveDialog webhook={webhook} onClose={() => setDialog(null)} />}
      {dialog === 'replay' && <ReplayDialog endpointId={id} since={missedSince} onReplayed={closed} onClose={() => setDialog(null)} />}
    </>
  );
}

function useEndpoint(id: string) {
  const client = useClient();
  const queries = useQueryClient();
  const { data, error, refetch } = useQuery({
    queryKey: ['webhook', id],
    queryFn: ({ signal }) => client.webhooks.read(id, { signal }),
    refetchInterval: pollMs,
  });
  const done = (): void => {
    void refetch();
    void queries.invalidateQueries({ queryKey: ['deliveries', id] });
  };
  return { webhook: data, error, refetch, done };
}

function Title({ webhook }: { webhook: Webhook }) {
  return (
    <div>
      <h1 className="endpoint-url">{webhook.url}</h1>
      <p className="soft">
        <EndpointState webhook={webhook} /> {describeRate(webhook.counts)} · {describeEvents(webhook.events)}
        {webhook.collections !== undefined && <> of {webhook.collections.join(', ')}</>}
      </p>
      {webhook.description !== '' && <p className="soft">{webhook.description}</p>}
    </div>
  );
}

function Notes({ webhook }: { webhook: Webhook }) {
  return (
    <>
      {webhook.fromEnvironment && <p className="soft">It is set by SAFELIGHT_WEBHOOK_URL and can only be changed there.</p>}
      {webhook.disabledReason !== null && <p className="notice">It was disabled: {webhook.disabledReason}</p>}
    </>
  );
}

function Missed({ onReplay }: { onReplay: () => void }) {
  return (
    <div className="notice" role="status">
      <div className="notice-body">
        <strong>It is told again what happens from now on</strong>
        <p>What it missed is kept, and can be delivered as well.</p>
        <div className="actions">
          <button className="button small" type="button" onClick={onReplay}>
            Replay what it missed
          </button>
        </div>
      </div>
    </div>
  );
}

function NewSecret({ secret, url, onClose }: { secret: string; url: string; onClose: () => void }) {
  return (
    <>
      <SecretNotice secret={secret} what={url} onClose={onClose} />
      <p className="soft">For a day messages are signed with the old secret as well.</p>
    </>
  );
}
