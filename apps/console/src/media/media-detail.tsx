import { SafelightProblem } from '@safelight/client';
import type { Media } from '@safelight/contract/media';
import type { ReactNode } from 'react';

import { EventList } from '../live/event-list.tsx';
import { Icon } from '../parts/icon.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { AiMark } from './ai-mark.tsx';
import { useSession } from '../session/session.ts';
import { AltTextForm } from './alt-text-form.tsx';
import { Captions } from './captions.tsx';
import { CopyMenu } from './copy-menu.tsx';
import { DeletedNotice } from './deleted-notice.tsx';
import { FailureNotice } from './failure-notice.tsx';
import { Developing } from './developing.tsx';
import { GeneratedFacts } from './generated-facts.tsx';
import { MediaPicture } from './media-picture.tsx';
import { MissingNotice } from './missing-notice.tsx';
import { isPlayable, RecordingPlayer } from './recording-player.tsx';
import { Record } from './record.tsx';
import { ReplaceButton } from './replace-button.tsx';
import { ReplacedNotice } from './replaced-notice.tsx';
import { Replacement } from './replacement.tsx';
import { StateNotice } from './state-notice.tsx';
import { StatusBadge } from './status-badge.tsx';
import { titleOf } from './title-of.ts';
import { useMedia } from './use-media.ts';
import { useMediaActions } from './use-media-actions.ts';
import { VariantSheet } from './variant-sheet.tsx';

type MediaDetailProps = { id: string; known: Media | null; onDeleted?: () => void; children?: ReactNode };

/** Everything about one record: its picture, its variants, its fields and its events, kept up to date. */
export function MediaDetail({ id, known, onDeleted, children }: MediaDetailProps) {
  const { media, problem, isGone, successor, reload } = useMedia(id, known);
  const { remove } = useMediaActions();
  const mayWrite = useSession().claims.may('media:write');

  const name = media ? titleOf(media) : 'It';
  if (isGone) {
    return successor === null ? <DeletedNotice id={id} name={name} /> : <ReplacedNotice id={id} name={name} successor={successor} />;
  }
  if (media === null) {
    if (problem === null) return <div className="skeleton detail-skeleton" role="status" aria-label="Reading the record" />;
    if (problem instanceof SafelightProblem && problem.code === 'not_found') return <MissingNotice />;
    return <ProblemNotice problem={problem} onRetry={reload} />;
  }
  return (
    <article className="detail" data-status={media.status} data-kind={media.kind}>
      <header className="detail-head">
        <h2 dir="auto">{name}</h2>
        <StatusBadge media={media} />
        <AiMark media={media} />
        <div className="actions">
          {children}
          <CopyMenu media={media} />
          {media.src !== null && (
            <a className="button small" href={media.src} target="_blank" rel="noreferrer">
              <Icon name="open" />
              Open
            </a>
          )}
          {mayWrite && media.kind === 'image' && media.replaces === null && media.status === 'ready' && <ReplaceButton media={media} />}
          {mayWrite && (
            <button className="button small danger" type="button" onClick={() => void remove(media).then((worked) => worked && onDeleted?.())}>
              <Icon name="trash" />
              Delete
            </button>
          )}
        </div>
      </header>
      {problem !== null && <ProblemNotice problem={problem} title="This may be out of date" onRetry={reload} />}
      <FailureNotice media={media} />
      <StateNotice media={media} />
      <Replacement media={media} />
      <Parts media={media} mayWrite={mayWrite} onSaved={reload} />
    </article>
  );
}

/** What it shows, and beside it, where there is room, what is known of it. */
function Parts({ media, mayWrite, onSaved }: { media: Media; mayWrite: boolean; onSaved: () => void }) {
  const isDeveloping = media.status === 'pending' || media.status === 'processing';
  return (
    <div className="detail-columns">
      <div className="detail-part">
        {isPlayable(media) ? (
          <RecordingPlayer key={media.id} media={media} />
        ) : (
          <MediaPicture
            media={media}
            sizes="(min-width: 60rem) 45vw, 100vw"
            className="detail-picture"
            alt={media.altText ?? ''}
            instead={isDeveloping && <Developing media={media} />}
          />
        )}
        {isDeveloping && (media.thumbnailSrc !== null || isPlayable(media)) && <Developing media={media} />}
        {media.kind === 'video' && isPlayable(media) && <Captions media={media} mayWrite={mayWrite} onChange={onSaved} />}
        <VariantSheet media={media} />
        {mayWrite && media.kind === 'image' && <AltTextForm media={media} onSaved={onSaved} />}
      </div>
      <div className="detail-part">
        <EventList mediaId={media.id} />
        <GeneratedFacts media={media} />
        <Record media={media} />
      </div>
    </div>
  );
}
