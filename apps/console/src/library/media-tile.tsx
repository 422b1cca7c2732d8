import type { Media } from '@safelight/contract/media';

import { lengthOf } from '../format/length-of.ts';
import { describeBytes } from '@safelight/contract/describe-bytes';
import { AiMark } from '../media/ai-mark.tsx';
import { MediaPicture } from '../media/media-picture.tsx';
import { describeStatus, StatusBadge } from '../media/status-badge.tsx';
import { titleOf } from '../media/title-of.ts';
import { useMediaActions } from '../media/use-media-actions.ts';
import { Icon, type IconName } from '../parts/icon.tsx';
import { TimeAgo } from '../parts/time-ago.tsx';
import { hrefOf } from '../route/route.ts';
import { useSession } from '../session/session.ts';
import { TileProgress } from './tile-progress.tsx';
import type { LibraryView } from './use-library-view.ts';
import type { Selection } from './use-selection.ts';

type MediaTileProps = {
  media: Media;
  index: number;
  /** How many there are, those besides that are not in the document. */
  count: number;
  query: URLSearchParams;
  selection: Selection;
  view: LibraryView;
  onDelete: () => void;
};

export function MediaTile({ media, index, count, query, selection, view, onDelete }: MediaTileProps) {
  const mayWrite = useSession().claims.may('media:write');
  const { id } = media;
  const title = titleOf(media);
  const { word } = describeStatus(media);
  const selected = selection.ids.has(id);
  return (
    <li className="tile" data-status={media.status} data-index={index} data-selected={selected || undefined} aria-posinset={index + 1} aria-setsize={count}>
      <a className="tile-link" data-media={id} href={hrefOf('library', id, query)} aria-label={`${title}, ${media.collection}, ${word.toLowerCase()}`}>
        <MediaPicture
          media={media}
          sizes={view === 'list' ? '4rem' : '(min-width: 60rem) 14rem, 45vw'}
          className="tile-picture"
          lazy
          alt={media.altText ?? ''}
        />
        {!media.published && view === 'grid' && <StatusBadge media={media} />}
      </a>
      <AiMark media={media} />
      {view === 'grid' && <Length media={media} />}
      {view === 'grid' && (media.status === 'pending' || media.status === 'processing') && <TileProgress media={media} />}
      {mayWrite && (
        <label className="tile-check">
          <input
            type="checkbox"
            checked={selected}
            aria-label={`Select ${title}`}
            onChange={() => undefined}
            onClick={(event) => selection.toggle(id, !selected, event.shiftKey)}
          />
        </label>
      )}
      <div className="tile-foot">
        <Words media={media} view={view} />
        {view === 'list' && (
          <span className="tile-state">
            <StatusBadge media={media} />
            <span className="fine">
              <TimeAgo at={media.createdAt} />
            </span>
          </span>
        )}
        {mayWrite && <Buttons media={media} onDelete={onDelete} />}
      </div>
    </li>
  );
}

/** That it moves or sounds, and how long, on its picture. */
function Length({ media: { kind, durationMs, thumbnailSrc } }: { media: Media }) {
  if ((kind !== 'video' && kind !== 'audio') || (durationMs === null && thumbnailSrc === null)) return null;
  return (
    <span className="tile-length">
      <Icon name={kind satisfies IconName} />
      <span className="visually-hidden">{kind === 'video' ? 'Video' : 'Sound'}</span>
      {durationMs !== null && lengthOf(durationMs)}
    </span>
  );
}

function Words({ media, view }: { media: Media; view: LibraryView }) {
  const { failure } = media;
  const title = titleOf(media);
  const facts = factsOf(media, view);
  return (
    <div className="tile-words">
      <p className="tile-name" dir="auto" title={title}>
        {title}
      </p>
      <p className="fine tile-where" title={`${media.collection}${media.ownerId === undefined ? '' : `, of ${media.ownerId}`}`}>
        {media.collection}
        {media.ownerId !== undefined && ` · ${media.ownerId}`}
      </p>
      <p className="fine tile-facts" title={failure?.message ?? facts}>
        {failure?.message ?? facts}
      </p>
    </div>
  );
}

function Buttons({ media, onDelete }: { media: Media; onDelete: () => void }) {
  const { remove, restore, retry } = useMediaActions();
  const { failure } = media;
  const title = titleOf(media);
  const gone = media.deletedAt !== null;
  return (
    <>
      {failure?.retryable === true && (
        <button className="icon-button" type="button" onClick={() => void retry(media)} aria-label={`Try ${title} again`} title="Try again">
          <Icon name="retry" />
        </button>
      )}
      <button
        className="icon-button tile-delete"
        type="button"
        onClick={() => {
          onDelete();
          void (gone ? restore(media) : remove(media));
        }}
        aria-label={`${gone ? 'Restore' : 'Delete'} ${title}`}
        title={gone ? 'Restore' : 'Delete'}
      >
        <Icon name={gone ? 'undo' : 'trash'} />
      </button>
    </>
  );
}

/** In the grid, a length stands on the picture. */
const factsOf = ({ kind, width, height, durationMs, byteSize }: Media, view: LibraryView): string =>
  [
    width === null || height === null ? kind : `${width} × ${height}`,
    durationMs === null || view === 'grid' ? null : lengthOf(durationMs),
    describeBytes(byteSize),
  ]
    .filter((fact) => fact !== null)
    .join(' · ');
