import type { Media } from '@safelight/contract/media';

import { Icon } from '../parts/icon.tsx';
import { hrefOf } from '../route/route.ts';
import { UploadCard } from '../upload/upload-card.tsx';
import { useFiles } from '../upload/uploads.ts';
import { describeState } from './describe-state.ts';
import { MediaPicture } from './media-picture.tsx';
import { ReviewReason } from './review-reason.tsx';
import { StatusBadge } from './status-badge.tsx';
import { titleOf } from './title-of.ts';
import { useMediaActions } from './use-media-actions.ts';
import { useWaitingReplacement } from './use-waiting-replacement.ts';

/** The way of a replacement, beside the photo that stays until it is there: its upload, then its record as it waits. */
export function Replacement({ media }: { media: Media }) {
  const waiting = useWaitingReplacement(media);
  const { remove, retry } = useMediaActions();
  const uploads = useFiles().filter(({ replaces, state }) => replaces === media.id && state !== 'done');
  const newest = uploads.at(-1);
  if (waiting === null && newest === undefined) return null;
  return (
    <section className="replacement" aria-label="Replacement">
      <header className="section-head">
        <h3>Replacement</h3>
        <p className="fine">This photo stays as it is until the new one may be shown.</p>
      </header>
      {waiting === null && newest !== undefined && (
        <ul>
          <UploadCard file={newest} inline={false} selected onSelect={() => undefined} />
        </ul>
      )}
      {waiting !== null && (
        <div className="waiting">
          <figure className="waiting-pair">
            <MediaPicture media={media} sizes="8rem" className="waiting-picture" alt="" />
            <figcaption className="fine">Shown now</figcaption>
          </figure>
          <Icon name="next" />
          <figure className="waiting-pair">
            <MediaPicture media={waiting} sizes="8rem" className="waiting-picture" alt="" />
            <figcaption className="fine">Waits</figcaption>
          </figure>
          <div className="waiting-words">
            <p>
              <a dir="auto" href={hrefOf('library', waiting.id)}>
                {titleOf(waiting)}
              </a>{' '}
              <StatusBadge media={waiting} />
            </p>
            <p className="soft">{waiting.failure?.message ?? describeState(waiting)}</p>
            <ReviewReason media={waiting} />
            <div className="actions">
              {waiting.failure?.retryable === true && (
                <button className="button small" type="button" onClick={() => void retry(waiting)}>
                  <Icon name="retry" />
                  Try again
                </button>
              )}
              <button className="button small danger" type="button" onClick={() => void remove(waiting)}>
                Discard the replacement
              </button>
            </div>
          </div>
        </div>
      )}
    </section>
  );
}
