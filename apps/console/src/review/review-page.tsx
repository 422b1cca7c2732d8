import { titleOf } from '../media/title-of.ts';
import { EmptyState } from '../parts/empty-state.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { RejectDialog } from './reject-dialog.tsx';
import { ReviewHead } from './review-head.tsx';
import { ReviewMain } from './review-main.tsx';
import { ReviewSide } from './review-side.tsx';
import { useReview, type Review } from './use-review.ts';
import { useReviewPlace, type ReviewPlace } from './use-review-place.ts';

const empty = {
  queued: ['Nothing waits', 'Photos and videos of collections whose gate is on appear here by themselves.'],
  failed: ['No review has failed', 'A reviewer that is down or answers nonsense leaves here what it was asked about.'],
  rejected: ['Nothing was rejected', 'A rejection can be overturned here.'],
} as const;

/** The moderators' queue: what waits at the left, the one that is looked at on the right. */
export function ReviewPage() {
  const place = useReviewPlace();
  // Another part of the queue is another piece of work: nothing that was ticked or looked at goes over to it.
  return <Queue key={`${place.view} ${place.collection}`} place={place} />;
}

function Queue({ place }: { place: ReviewPlace }) {
  const review = useReview(place);
  const { items, isLoading, error, reload } = review.queue;
  const [emptyTitle, emptyWords] = empty[place.view];
  return (
    <div className="review-page">
      <ReviewHead review={review} />
      {error !== null && <ProblemNotice problem={error} title="The queue could not be read" onRetry={reload} />}
      {isLoading && items.length === 0 && <div className="skeleton jobs-skeleton" role="status" aria-label="Reading the queue" />}
      {!isLoading && error === null && items.length === 0 && (
        <EmptyState icon="review" title={emptyTitle}>
          <p className="soft">{emptyWords}</p>
        </EmptyState>
      )}
      {items.length > 0 && (
        <div className="review-columns">
          <ReviewMain review={review} />
          <ReviewSide review={review} />
        </div>
      )}
      <AskReason review={review} />
    </div>
  );
}

function AskReason({ review: { rejecting, setRejecting, shown, actions, queue } }: { review: Review }) {
  const { item, selected, clear } = shown;
  if (rejecting === null) return null;
  return (
    <RejectDialog
      what={rejecting === 'selected' ? `${selected.length} files` : item ? titleOf(item) : 'it'}
      presets={queue.presets}
      onClose={() => setRejecting(null)}
      onReject={(reason) => {
        setRejecting(null);
        if (rejecting === 'selected') void actions.decideMany(selected, 'rejected', reason).then(clear);
        else if (item) void actions.decide(item, 'rejected', reason);
      }}
    />
  );
}
