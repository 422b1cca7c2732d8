import { BulkBar } from './bulk-bar.tsx';
import { QueueRow } from './queue-row.tsx';
import { ShortcutHint } from './shortcut-hint.tsx';
import type { Review } from './use-review.ts';
import { views } from './use-review-place.ts';

/** All that waits, the keys, and what can be done with those that are ticked. */
export function ReviewSide({ review }: { review: Review }) {
  const { place, queue, actions, shown, keys, mayReject, mayRetry, setRejecting } = review;
  const { selected, clear } = shown;
  return (
    <section className="review-side" aria-label="Queue">
      <ShortcutHint on={keys[0]} onChange={keys[1]} presets={mayReject ? queue.presets : []} onUndo={actions.undo} />
      {selected.length > 0 && (
        <BulkBar
          count={selected.length}
          busy={queue.isBusy}
          onApprove={() => void actions.decideMany(selected, 'approved').then(clear)}
          onReject={mayReject ? () => setRejecting('selected') : undefined}
          onRetry={mayRetry ? () => void actions.retry(selected).then(clear) : undefined}
          onClear={clear}
        />
      )}
      <ul className="queue" aria-label={views[place.view]}>
        {queue.items.map((item) => (
          <QueueRow
            key={item.id}
            item={item}
            me={actions.me}
            current={item.id === shown.item?.id}
            selected={shown.isSelected(item.id)}
            onShow={() => shown.show(item.id)}
            onSelect={(on) => shown.select(item.id, on)}
          />
        ))}
      </ul>
      {queue.hasMore && (
        <button className="button small" type="button" onClick={queue.loadMore}>
          Show more
        </button>
      )}
    </section>
  );
}
