'use client';
import { useState } from 'react';

import { KitContext } from './context.ts';
import { useAnnouncer } from './live-region.tsx';
import { part } from './part.tsx';
import { useKit, type KitOptions } from './provider.ts';
import { Decide } from './review-decide.tsx';
import { english, type ReviewLabels } from './review-labels.ts';
import { ReviewPicture } from './review-picture.tsx';
import { ReviewList } from './review-list.tsx';
import { useReviewKeys } from './use-review-keys.ts';
import { useReviewQueue, type ReviewQueueOptions } from './use-review-queue.ts';

export type MediaReviewProps = Omit<KitOptions, 'labels'> &
  ReviewQueueOptions & {
    labels?: Partial<ReviewLabels> | undefined;
    /** Single letters decide while the focus is in it: A approves, R rejects, U takes back, 1 to 9 reject with a preset. Default true. */
    shortcuts?: boolean | undefined;
    className?: string | undefined;
  };

const Frame = part('section', 'review');
const Head = part('p', 'place');
const Empty = part('p', 'empty');
const Problem = part('p', 'problem');

/** The moderators' queue in an admin of one's own: what waits, the one that is looked at, and what is decided about it. */
export function MediaReview({ labels: given, unstyled, shortcuts = true, className, ...options }: MediaReviewProps): React.JSX.Element {
  const kit = useKit({ unstyled });
  const labels: ReviewLabels = { ...english, ...given };
  const queue = useReviewQueue(options);
  const { items, total, last, error, isLoading } = queue;
  const [shownId, show] = useState<string | null>(null);
  const { say, region } = useAnnouncer();
  const at = Math.max(0, shownId === null ? 0 : items.findIndex(({ id }) => id === shownId));
  const item = items[at];

  const decide = (decision: 'approved' | 'rejected', reason?: string): void => {
    if (!item) return;
    const next = items[at + 1] ?? items[at - 1];
    void queue.decide(item.id, decision, reason).then((done) => {
      if (!done) return;
      show(next?.id ?? null);
      say(labels[decision](item.originalFileName ?? item.id));
    });
  };
  const undo = (): void => {
    if (!last) return;
    void queue.undo().then((done) => {
      if (!done) return;
      show(last.item.id);
      say(labels.takenBack(last.item.originalFileName ?? last.item.id));
    });
  };
  const onKeyDown = useReviewKeys(shortcuts, { decide, undo, presets: queue.presets, step: (by) => show(items[at + by]?.id ?? shownId) });
  return (
    <KitContext.Provider value={kit}>
      <Frame className={className} aria-label={labels.review} data-state={isLoading ? 'loading' : items.length === 0 ? 'empty' : 'idle'} onKeyDown={onKeyDown}>
        {items.length === 0 && <Empty>{isLoading ? labels.loading : labels.empty}</Empty>}
        {item && (
          <>
            <Head>{labels.place(at + 1, Math.max(total, items.length))}</Head>
            <ReviewPicture key={item.id} item={item} labels={labels} />
          </>
        )}
        {(item ?? last) && <Decide item={item} queue={queue} labels={labels} onDecide={decide} onUndo={undo} />}
        {error && <Problem role="alert">{error.detail}</Problem>}
        {items.length > 0 && <ReviewList queue={queue} shownId={item?.id} labels={labels} onShow={show} />}
        {region}
      </Frame>
    </KitContext.Provider>
  );
}
