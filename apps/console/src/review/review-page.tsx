import { useEffect, useState } from 'react';

import { EmptyState } from '../parts/empty-state.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { hrefOf } from '../route/route.ts';
import { goTo, useRoute } from '../route/use-route.ts';
import { useSession } from '../session/session.ts';
import { CollectionFilter } from './collection-filter.tsx';
import { BulkBar } from './bulk-bar.tsx';
import { turnOf } from './describe-claim.ts';
import { QueueRow } from './queue-row.tsx';
import { RejectDialog } from './reject-dialog.tsx';
import { ReviewStage } from './review-stage.tsx';
import { ShortcutHint } from './shortcut-hint.tsx';
import { useReviewActions } from './use-review-actions.ts';
import { useReviewKeys } from './use-review-keys.ts';
import { useReviewQueue, type QueueView } from './use-review-queue.ts';
import { useShortcuts } from './use-shortcuts.ts';

const views = { queued: 'Waiting', failed: 'Failed reviews', rejected: 'Rejected' } as const satisfies Record<QueueView, string>;
const empty = {
  queued: ['Nothing waits', 'Photos of collections whose gate is on appear here by themselves.'],
  failed: ['No review has failed', 'A reviewer that is down or answers nonsense leaves its photos here.'],
  rejected: ['Nothing was rejected', 'A rejection can be overturned here.'],
} as const satisfies Record<QueueView, readonly [string, string]>;
const isView = (name: string): name is QueueView => Object.hasOwn(views, name);

/** The moderators' queue: what waits at the left, the one that is looked at on the right. */
export function ReviewPage() {
  const { query } = useRoute();
  const wanted = query.get('show') ?? '';
  const view = isView(wanted) ? wanted : 'queued';
  const collection = query.get('collection') ?? '';
  const queue = useReviewQueue(view, collection);
  const { items, loading, problem, nextCursor } = queue;
  const [shownId, show] = useState<string | null>(null);
  const [selectedIds, setSelectedIds] = useState<ReadonlySet<string>>(new Set());
  const [rejecting, setRejecting] = useState<'shown' | 'selected' | null>(null);
  const [keysOn, setKeysOn] = useShortcuts();
  const { claims } = useSession();
  const actions = useReviewActions(queue, collection, show);
  const { me, busy } = actions;

  const first = items.find((item) => turnOf(item, me) !== 'others') ?? items[0];
  // One that somebody else has just decided on is not followed by another in its place: the next key would be meant for the first.
  const shown = shownId === null ? first : items.find(({ id }) => id === shownId);
  const at = shown === undefined ? -1 : items.indexOf(shown);
  const selected = items.filter(({ id }) => selectedIds.has(id));
  const open = shown !== undefined && !busy && turnOf(shown, me) !== 'others' ? shown : undefined;
  const mine = shown !== undefined && turnOf(shown, me) === 'mine' ? shown : undefined;
  const mayRetry = view === 'failed' && claims.may('media:write');
  const firstId = first?.id;

  useEffect(() => {
    if (shownId === null && firstId !== undefined) show(firstId);
  }, [shownId, firstId]);
  const narrow = (next: { show?: QueueView; collection?: string }): void => {
    const to = { show: view, collection, ...next };
    show(null);
    setSelectedIds(new Set());
    const kept = { ...(to.show === 'queued' ? {} : { show: to.show }), ...(to.collection === '' ? {} : { collection: to.collection }) };
    goTo(hrefOf('review', null, new URLSearchParams(kept)), 'replace');
  };
  const select = (id: string, on: boolean): void => setSelectedIds((before) => new Set(on ? [...before, id] : [...before].filter((one) => one !== id)));
  const showAt = (index: number): void => {
    const item = items[index];
    if (item) show(item.id);
  };

  useReviewKeys(keysOn, {
    ...(open ? { approve: () => void actions.decide(open, 'approved'), select: () => select(open.id, !selectedIds.has(open.id)) } : {}),
    ...(open && view !== 'rejected' ? { reject: () => setRejecting('shown') } : {}),
    ...(view === 'queued' && !busy ? { claim: () => void actions.claimNext() } : {}),
    previous: () => showAt(at - 1),
    next: () => showAt(at + 1),
    leave: () => {
      if (selected.length > 0) setSelectedIds(new Set());
      else if (mine) void actions.release(mine);
    },
  });

  const [emptyTitle, emptyWords] = empty[view];
  return (
    <div className="review-page">
      <header className="page-head">
        <h1>
          Review{' '}
          {at !== -1 && (
            <span className="fine place-in-queue">
              {at + 1} of {items.length}
              {nextCursor !== null && ' and more'}
            </span>
          )}
        </h1>
        <div className="actions">
          <CollectionFilter collection={collection} onChange={(name) => narrow({ collection: name })} />
          <label className="field inline-field">
            <span className="visually-hidden">Show</span>
            <select value={view} onChange={(event) => isView(event.target.value) && narrow({ show: event.target.value })}>
              {Object.entries(views).map(([name, words]) => (
                <option key={name} value={name}>
                  {words}
                </option>
              ))}
            </select>
          </label>
          {view === 'queued' && (
            <button
              className="button primary"
              type="button"
              disabled={busy || items.length === 0}
              onClick={() => void actions.claimNext()}
              aria-keyshortcuts="C"
            >
              Claim next
            </button>
          )}
        </div>
      </header>
      {problem !== null && <ProblemNotice problem={problem} title="The queue could not be read" onRetry={queue.reload} />}
      {loading && items.length === 0 && <div className="skeleton jobs-skeleton" role="status" aria-label="Reading the queue" />}
      {!loading && problem === null && items.length === 0 && (
        <EmptyState icon="review" title={emptyTitle}>
          <p className="soft">{emptyWords}</p>
        </EmptyState>
      )}
      {items.length > 0 && (
        <div className="review-columns">
          <div className="review-main">
            {shown ? (
              <ReviewStage
                item={shown}
                me={me}
                busy={busy}
                onDecide={(decision) => (decision === 'approved' ? void actions.decide(shown, decision) : setRejecting('shown'))}
                onRelease={() => void actions.release(shown)}
                onRetry={mayRetry ? () => void actions.retry([shown]) : undefined}
              />
            ) : (
              <EmptyState icon="review" title="It does not wait any more">
                <p className="soft">Somebody else has decided on it, or it was deleted.</p>
                <button className="button" type="button" onClick={() => show(null)}>
                  Show the next
                </button>
              </EmptyState>
            )}
          </div>
          <section className="review-side" aria-label="Queue">
            <ShortcutHint on={keysOn} onChange={setKeysOn} />
            {selected.length > 0 && (
              <BulkBar
                count={selected.length}
                busy={busy}
                onApprove={() => void actions.decideMany(selected, 'approved').then(() => setSelectedIds(new Set()))}
                onReject={view === 'rejected' ? undefined : () => setRejecting('selected')}
                onRetry={mayRetry ? () => void actions.retry(selected).then(() => setSelectedIds(new Set())) : undefined}
                onClear={() => setSelectedIds(new Set())}
              />
            )}
            <ul className="queue" aria-label={views[view]}>
              {items.map((item) => (
                <QueueRow
                  key={item.id}
                  item={item}
                  me={me}
                  current={item.id === shown?.id}
                  selected={selectedIds.has(item.id)}
                  onShow={() => show(item.id)}
                  onSelect={(on) => select(item.id, on)}
                />
              ))}
            </ul>
            {nextCursor !== null && (
              <button className="button small" type="button" onClick={queue.loadMore}>
                Show more
              </button>
            )}
          </section>
        </div>
      )}
      {rejecting !== null && (
        <RejectDialog
          what={rejecting === 'selected' ? `${selected.length} photos` : (shown?.originalFileName ?? 'it')}
          onClose={() => setRejecting(null)}
          onReject={(reason) => {
            setRejecting(null);
            if (rejecting === 'selected') void actions.decideMany(selected, 'rejected', reason).then(() => setSelectedIds(new Set()));
            else if (shown) void actions.decide(shown, 'rejected', reason);
          }}
        />
      )}
    </div>
  );
}
