import type { Media } from '@safelight/contract/media';

/** Why it was rejected, in the words of the moderator; nothing when nobody said. */
export function ReviewReason({ media: { review, reviewReason } }: { media: Media }) {
  if (review !== 'rejected' || reviewReason === null) return null;
  return (
    <blockquote className="reason" aria-label="Reason">
      {reviewReason}
    </blockquote>
  );
}
