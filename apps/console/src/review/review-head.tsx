import { mostQueuedCounted } from '@safelight/contract/limits';
import { CollectionFilter } from './collection-filter.tsx';
import type { Review } from './use-review.ts';
import { goToReview, isView, views } from './use-review-place.ts';

/** Which part of the queue it is, and where in it one is. */
export function ReviewHead({ review: { place, queue, shown, actions } }: { review: Review }) {
  const total = Math.max(queue.total, queue.items.length);
  return (
    <header className="page-head">
      <h1>
        Review{' '}
        {shown.at !== -1 && (
          <span className="fine place-in-queue">
            {shown.at + 1} of {total.toLocaleString()}
            {total >= mostQueuedCounted && ' or more'}
          </span>
        )}
      </h1>
      <div className="actions">
        <CollectionFilter collection={place.collection} onChange={(collection) => goToReview({ ...place, collection })} />
        <label className="field inline-field">
          <span className="visually-hidden">Show</span>
          <select value={place.view} onChange={(event) => isView(event.target.value) && goToReview({ ...place, view: event.target.value })}>
            {Object.entries(views).map(([name, words]) => (
              <option key={name} value={name}>
                {words}
              </option>
            ))}
          </select>
        </label>
        {place.view === 'queued' && (
          <button
            className="button primary"
            type="button"
            aria-disabled={queue.isBusy || queue.items.length === 0}
            onClick={() => void actions.claimNext()}
            aria-keyshortcuts="C"
          >
            Claim next
          </button>
        )}
      </div>
    </header>
  );
}
