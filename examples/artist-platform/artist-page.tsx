import { MediaAudio, MediaImage, MediaVideo, useSafelightClient } from '@safelight/react';

import { useGallery } from '../shared/use-gallery.ts';
import { artist, pictures, recordings } from './artist.ts';

/** The public page. Saved changes of the form are visible at once. */
export function ArtistPage(): React.JSX.Element {
  const client = useSafelightClient();
  const images = useGallery(client, pictures);
  const sounds = useGallery(client, recordings);
  const problem = images.problem ?? sounds.problem;
  const all = images.media ?? [];
  const profile = all.find(({ purpose }) => purpose === 'profile');
  return (
    <>
      <div className="row artist">
        {profile && <MediaImage media={profile} priority alt={`${artist.name}, portrait`} className="portrait" sizes="8rem" />}
        <div>
          <h1>{artist.name}</h1>
          <p>{artist.about}</p>
        </div>
      </div>
      {problem !== null && <p className="problem">{problem}</p>}
      {images.media && sounds.media && all.length + sounds.media.length === 0 && (
        <p className="soft">
          There is nothing here yet. <a href="#/edit">Add the first pictures</a>.
        </p>
      )}
      <ul className="pictures" aria-label="Pictures">
        {all
          .filter(({ purpose }) => purpose !== 'profile')
          .map((one) => (
            <li key={one.id}>
              <MediaImage media={one} alt={one.altText ?? ''} sizes="(min-width: 40rem) 36rem, 100vw" />
            </li>
          ))}
      </ul>
      {(sounds.media?.length ?? 0) > 0 && <h2>Listen and watch</h2>}
      {sounds.media?.map((one) => (
        <figure key={one.id} className="recording">
          {one.kind === 'video' ? <MediaVideo media={one} /> : <MediaAudio media={one} />}
          <figcaption className="soft">{one.altText ?? one.originalFileName}</figcaption>
        </figure>
      ))}
    </>
  );
}
