'use client';
import { MediaAudio } from './media-audio.tsx';
import { MediaImage } from './media-image.tsx';
import { MediaVideo } from './media-video.tsx';
import { part } from './part.tsx';
import type { ReviewLabels } from './review-labels.ts';
import type { Queued } from './review-snapshot.ts';
import type { Turn } from './use-review.ts';

const Name = part('p', 'name');
const Hint = part('p', 'hint');

/** The item to decide on, and which other moderator has claimed it. */
export function ReviewPicture({ item, turn, labels }: { item: Queued; turn: Turn; labels: ReviewLabels }): React.JSX.Element {
  const { claim } = item;
  const until = new Date(claim?.until ?? 0);
  return (
    <>
      <Name>{item.originalFileName}</Name>
      {item.kind === 'video' && <MediaVideo media={item} />}
      {item.kind === 'audio' && <MediaAudio media={item} />}
      {item.kind !== 'video' && item.kind !== 'audio' && <MediaImage media={item} sizes="(min-width: 60rem) 60vw, 100vw" priority />}
      {claim && <Hint data-state={turn}>{turn === 'mine' ? labels.yours(until) : labels.takenBy(claim.by, until)}</Hint>}
    </>
  );
}
