import type { Grant } from '@safelight/contract/grants';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

import { CopyButton } from '../parts/copy-button.tsx';
import { Icon } from '../parts/icon.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { TimeAgo } from '../parts/time-ago.tsx';
import { hrefOf } from '../route/route.ts';
import { useClient } from '../session/session.ts';
import { useAct, type Act } from '../shell/use-act.ts';
import { ConfirmDialog } from './confirm-dialog.tsx';
import { DownloadDays } from './download-days.tsx';
import { GrantEnd } from './grant-end.tsx';
import { GrantFiles } from './grant-files.tsx';
import { GrantState } from './grant-state.tsx';
import { RefusalTable } from './refusal-table.tsx';

type Asking = 'revoke' | 'renew';

/** One purchase: its files, how it was downloaded, who was turned away, and what can be done for its buyer. */
export function GrantDetail({ transaction }: { transaction: string }) {
  const client = useClient();
  const [asked, setAsked] = useState<Asking | null>(null);
  const { data, error, refetch } = useQuery({
    queryKey: ['grant', transaction],
    queryFn: async ({ signal }) => {
      const [grant, { downloads }, refusals] = await Promise.all([
        client.grants.read(transaction, { signal }),
        client.grants.downloads(transaction, { limit: 200 }, { signal }),
        client.grants.refusals(transaction, { signal }),
      ]);
      return { grant, downloads, refusals };
    },
  });
  const { busy, act } = useAct(() => void refetch());
  if (data === undefined)
    return error === null ? (
      <div className="skeleton jobs-skeleton" role="status" aria-label="Reading the purchase" />
    ) : (
      <ProblemNotice problem={error} title="The purchase could not be read" onRetry={() => void refetch()} />
    );
  const { grant, downloads, refusals } = data;
  const reset = (mediaId?: string): void =>
    void act(
      'The downloads could not be reset',
      async () => await client.grants.patch(transaction, { resetDownloads: mediaId === undefined ? true : [mediaId] }),
    );
  return (
    <>
      <nav className="back-nav" aria-label="Purchases">
        <a className="button small quiet" href={hrefOf('grants')}>
          <Icon name="previous" />
          All purchases
        </a>
      </nav>
      <header className="page-head">
        <div>
          <h1 className="grant-number">{grant.transaction}</h1>
          <p className="soft">
            <GrantState grant={grant} /> {grant.buyerId === null ? '' : `bought by ${grant.buyerId}, `}made <TimeAgo at={grant.createdAt} />
            {grant.expiresAt !== null && <GrantEnd at={grant.expiresAt} />}
          </p>
        </div>
        <Actions grant={grant} busy={busy} act={act} onAsk={setAsked} onReset={() => reset()} />
      </header>
      {error !== null && <ProblemNotice problem={error} title="The purchase could not be read again" onRetry={() => void refetch()} />}
      {grant.stamp !== null && <p className="soft">Pages of its PDFs say “{grant.stamp}”.</p>}
      <GrantFiles files={grant.files} busy={busy} onReset={reset} />
      <DownloadDays downloads={downloads} />
      <RefusalTable refusals={refusals} files={grant.files} />
      <Asked what={asked} transaction={transaction} act={act} onClose={() => setAsked(null)} />
    </>
  );
}

type ActionsProps = { grant: Grant; busy: boolean; act: Act; onAsk: (what: Asking) => void; onReset: () => void };

function Actions({ grant, busy, act, onAsk, onReset }: ActionsProps) {
  const client = useClient();
  return (
    <div className="actions">
      <CopyButton text={grant.accessURL}>Copy the buyer’s address</CopyButton>
      <button className="button small" type="button" aria-disabled={busy} onClick={() => onAsk('renew')}>
        New address
      </button>
      <button className="button small" type="button" aria-disabled={busy} onClick={onReset}>
        Reset all downloads
      </button>
      {grant.revokedAt !== null ? (
        <button
          className="button small primary"
          type="button"
          aria-disabled={busy}
          onClick={() => act('It could not be restored', async () => await client.grants.restore(grant.transaction))}
        >
          Restore
        </button>
      ) : (
        <button className="button small danger" type="button" aria-disabled={busy} onClick={() => onAsk('revoke')}>
          Revoke
        </button>
      )}
    </div>
  );
}

type AskedProps = { what: Asking | null; transaction: string; act: Act; onClose: () => void };

/** What cannot be taken back is asked once more. */
function Asked({ what, transaction, act, onClose }: AskedProps) {
  const client = useClient();
  return (
    <>
      {what === 'revoke' && (
        <ConfirmDialog
          title="Revoke this purchase?"
          action="Revoke it"
          onClose={onClose}
          onConfirm={() => act('It could not be revoked', async () => await client.grants.revoke(transaction))}
        >
          From the next request on its buyer gets nothing of it, on every server. It can be restored.
        </ConfirmDialog>
      )}
      {what === 'renew' && (
        <ConfirmDialog
          title="Make a new address?"
          action="Make it"
          onClose={onClose}
          onConfirm={() => act('No new address could be made', async () => await client.grants.renewAddress(transaction))}
        >
          The address in the receipt ends at once. Send the buyer the new one.
        </ConfirmDialog>
      )}
    </>
  );
}
