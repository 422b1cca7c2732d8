'use client';
import { MediaImage } from './media-image.tsx';
import { MediaVideo } from './media-video.tsx';
import { part } from './part.tsx';
import type { ReviewLabels } from './review-labels.ts';
import type { Queued } from './review-queue.ts';

const Name = part('p', 'name');
const Hint = part('p', 'hint');

/** What is decided on, and who else looks at it. */
export function ReviewPicture({ item, labels }: { item: Queued; labels: ReviewLabels }): React.JSX.Element {
  return (
    <>
      <Name>{item.originalFileName}</Name>
      {item.kind === 'video' ? <MediaVideo media={item} /> : <MediaImage media={item} sizes="(min-width: 60rem) 60vw, 100vw" priority />}
      {item.claim && <Hint>{labels.takenBy(item.claim.by)}</Hint>}
    </>
  );
}
