import type { Media } from '@safelight/contract/media';

import { clockOf } from '../format/clock-of.ts';
import { describeBytes } from '../format/describe-bytes.ts';
import { AiMark } from '../media/ai-mark.tsx';
import { MediaPicture } from '../media/media-picture.tsx';
import { describeStatus, StatusBadge } from '../media/status-badge.tsx';
import { useMediaActions } from '../media/use-media-actions.ts';
import { Icon } from '../parts/icon.tsx';
import { hrefOf } from '../route/route.ts';

type MediaTileProps = { media: Media; query: URLSearchParams; onDelete: () => void };

export function MediaTile({ media, query, onDelete }: MediaTileProps) {
  const { remove, retry } = useMediaActions();
  const { failure } = media;
  const { word } = describeStatus(media);
  return (
    <li className="tile" data-status={media.status}>
      <a
        className="tile-link"
        data-media={media.id}
        href={hrefOf('library', media.id, query)}
        aria-label={`${media.originalFileName}, ${media.collection}, ${word.toLowerCase()}`}
      >
        <MediaPicture media={media} sizes="(min-width: 60rem) 14rem, 45vw" className="tile-picture" lazy alt={media.altText ?? ''} />
        {!media.published && <StatusBadge media={media} />}
      </a>
      <AiMark media={media} />
      <div className="tile-foot">
        <div className="tile-words">
          <p className="tile-name" title={media.originalFileName}>
            {media.originalFileName}
          </p>
          <p className="fine">{failure === null ? factsOf(media) : failure.message}</p>
        </div>
        {failure?.retryable === true && (
          <button className="icon-button" type="button" onClick={() => void retry(media)} aria-label={`Try ${media.originalFileName} again`} title="Try again">
            <Icon name="retry" />
          </button>
        )}
        <button
          className="icon-button tile-delete"
          type="button"
          onClick={() => {
            onDelete();
            void remove(media);
          }}
          aria-label={`Delete ${media.originalFileName}`}
          title="Delete"
        >
          <Icon name="trash" />
        </button>
      </div>
    </li>
  );
}

const factsOf = ({ kind, width, height, durationMs, byteSize }: Media): string =>
  [width === null || height === null ? kind : `${width} × ${height}`, durationMs === null ? null : clockOf(durationMs / 1000), describeBytes(byteSize)]
    .filter((fact) => fact !== null)
    .join(' · ');
