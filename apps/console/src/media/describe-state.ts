import type { Media } from '@safelight/contract/media';

/** Why a record is not shown to everybody, and what happens next, in a sentence; null where the badge says it all, or a failure does. */
export function describeState({ status, review, published, replaces, failure }: Media): string | null {
  if (published || status === 'failed' || failure !== null) return null;
  const waits = replaces === null ? '' : ' The photo that it replaces is shown until then.';
  if (status === 'pending') return `Its bytes have arrived; a worker takes it up next. Only its owner sees it.${waits}`;
  if (status === 'processing') return `Its variants are being made. Only its owner sees it.${waits}`;
  switch (review) {
    case 'queued':
      return `It is ready and waits for a review. Only its owner and moderators see it.${waits}`;
    case 'rejected':
      return `A review has rejected it: it is hidden everywhere${replaces === null ? '' : ', and the photo that it was to replace stays'}. A moderator can overturn that; otherwise delete it or upload another one.`;
    case 'failed':
      return `Its review failed, so it stays hidden. The review can be tried again, or a moderator decides.${waits}`;
    case 'approved':
    case 'not_required':
      return replaces === null ? null : `It is ready and is about to take its place.${waits}`;
    default:
      return review satisfies never;
  }
}
