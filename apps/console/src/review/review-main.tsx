import { EmptyState } from '../parts/empty-state.tsx';
import { ReviewStage } from './review-stage.tsx';
import type { Review } from './use-review.ts';

/** The one that is looked at, or that it is not there any more. */
export function ReviewMain({ review: { shown, actions, queue, mayReject, mayRetry, setRejecting } }: { review: Review }) {
  const { item } = shown;
  if (item === undefined)
    return (
      <EmptyState icon="review" title="It does not wait any more">
        <p className="soft">Somebody else has decided on it, or it was deleted.</p>
        <button className="button" type="button" onClick={() => shown.show(null)}>
          Show the next
        </button>
      </EmptyState>
    );
  return (
    <ReviewStage
      item={item}
      me={actions.me}
      busy={queue.isBusy}
      presets={mayReject ? queue.presets : []}
      onApprove={() => void actions.decide(item, 'approved')}
      onReject={(reason) => (reason === undefined ? setRejecting('shown') : void actions.decide(item, 'rejected', reason))}
      onRelease={() => void actions.release(item)}
      onRetry={mayRetry ? () => void actions.retry([item]) : undefined}
    />
  );
}
