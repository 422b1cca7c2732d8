import type { Media } from '@safelight/contract/media';
import type { ReactNode } from 'react';

import { EventList } from '../live/event-list.tsx';
import { EmptyState } from '../parts/empty-state.tsx';
import { Icon } from '../parts/icon.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { AltTextForm } from './alt-text-form.tsx';
import { FailureNotice } from './failure-notice.tsx';
import { MediaPicture } from './media-picture.tsx';
import { Record } from './record.tsx';
import { StatusBadge } from './status-badge.tsx';
import { useMedia } from './use-media.ts';
import { useMediaActions } from './use-media-actions.ts';
import { VariantSheet } from './variant-sheet.tsx';

type MediaDetailProps = { id: string; known: Media | null; onDeleted?: () => void; children?: ReactNode };

/** Everything about one record: its picture, its variants, its fields and its events, kept up to date. */
export function MediaDetail({ id, known, onDeleted, children }: MediaDetailProps) {
  const { media, problem, deleted, reload } = useMedia(id, known);
  const { remove } = useMediaActions();

  if (deleted) {
    return (
      <EmptyState icon="trash" title={`${media?.originalFileName ?? 'It'} was deleted`}>
        <p className="soft">It is hidden everywhere at once. While its undo window is open it can be taken back from the message below.</p>
      </EmptyState>
    );
  }
  if (media === null) {
    if (problem === null) return <div className="skeleton detail-skeleton" role="status" aria-label="Reading the record" />;
    return <ProblemNotice problem={problem} onRetry={reload} />;
  }
  return (
    <article className="detail">
      <header className="detail-head">
        <h2 title={media.originalFileName}>{media.originalFileName}</h2>
        <StatusBadge media={media} />
        <div className="actions">
          {children}
          {media.src !== null && (
            <a className="button small" href={media.src} target="_blank" rel="noreferrer">
              <Icon name="open" />
              Open
            </a>
          )}
          <button className="button small danger" type="button" onClick={() => void remove(media).then((worked) => worked && onDeleted?.())}>
            <Icon name="trash" />
            Delete
          </button>
        </div>
      </header>
      {problem !== null && <ProblemNotice problem={problem} title="This may be out of date" onRetry={reload} />}
      <FailureNotice media={media} />
      <MediaPicture media={media} sizes="(min-width: 60rem) 45vw, 100vw" className="detail-picture" alt={media.altText ?? ''} />
      <VariantSheet media={media} />
      <EventList mediaId={media.id} />
      {media.kind === 'image' && <AltTextForm key={media.altText} media={media} onSaved={reload} />}
      <Record media={media} />
    </article>
  );
}
