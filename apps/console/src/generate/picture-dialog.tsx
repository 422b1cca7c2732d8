import type { Media } from '@safelight/contract/media';
import { libraryOptions } from '@safelight/react/hooks';
import { useInfiniteQuery } from '@tanstack/react-query';

import { MediaPicture } from '../media/media-picture.tsx';
import { titleOf } from '../media/title-of.ts';
import { Dialog } from '../parts/dialog.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { useClient } from '../session/session.ts';

const shown = 60;

/** One picture of the library, of the newest that are ready. */
export function PictureDialog({ onClose, onChosen }: { onClose: () => void; onChosen: (media: Media) => void }) {
  const client = useClient();
  const { data, error, refetch } = useInfiniteQuery(libraryOptions(client, { kind: 'image', status: 'ready', limit: shown }));
  const pictures = data?.pages.flatMap(({ media }) => media);
  return (
    <Dialog label="A picture to begin from" onClose={onClose}>
      <header className="section-head">
        <h2>A picture to begin from</h2>
        <button className="button small" type="button" onClick={onClose}>
          Close
        </button>
      </header>
      {error !== null && <ProblemNotice problem={error} title="The library could not be read" onRetry={() => void refetch()} />}
      {pictures === undefined && error === null && <div className="skeleton jobs-skeleton" role="status" aria-label="Reading the library" />}
      {pictures?.length === 0 && <p className="soft">There is no picture that is ready. Upload one first.</p>}
      <ul className="picture-choice">
        {pictures?.map((media) => (
          <li key={media.id}>
            <button type="button" onClick={() => onChosen(media)} aria-label={titleOf(media)}>
              <MediaPicture media={media} sizes="8rem" className="framed-picture" lazy alt="" />
            </button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
