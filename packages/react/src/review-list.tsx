'use client';
import { MediaImage } from './media-image.tsx';
import { part } from './part.tsx';
import type { ReviewLabels } from './review-labels.ts';
import type { ReviewQueueOfHook } from './use-review-queue.ts';

const Grid = part('ul', 'grid');
const Cell = part('li', 'cell');
const Open = part('button', 'open');
const Name = part('span', 'name');
const More = part('button', 'more');

type ReviewListProps = { queue: ReviewQueueOfHook; shownId: string | undefined; labels: ReviewLabels; onShow: (id: string) => void };

/** The list of waiting items, to select one. */
export function ReviewList({ queue: { items, hasMore, isLoading, loadMore }, shownId, labels, onShow }: ReviewListProps): React.JSX.Element {
  return (
    <>
      <Grid aria-label={labels.queue}>
        {items.map((item) => (
          <Cell key={item.id} data-state={item.id === shownId ? 'current' : 'waiting'}>
            <Open type="button" aria-current={item.id === shownId ? 'true' : undefined} onClick={() => onShow(item.id)}>
              <MediaImage media={item} alt="" thumbnail />
              <Name>{item.originalFileName}</Name>
            </Open>
          </Cell>
        ))}
      </Grid>
      {hasMore && (
        <More type="button" aria-disabled={isLoading} onClick={loadMore}>
          {labels.more}
        </More>
      )}
    </>
  );
}
