import { MediaImage, useSafelightClient } from '@safelight/react';

import { useGallery } from '../shared/use-gallery.ts';
import { listing } from './listing.ts';

/** The public page: approved photos, and no trace of the others. */
export function BuyerPage(): React.JSX.Element {
  const { media, problem } = useGallery(useSafelightClient(), listing.place);
  const [first, ...others] = media ?? [];
  return (
    <div className={first ? 'offer' : undefined}>
      {first && (
        <div>
          <MediaImage media={first} priority keepPrevious alt={first.altText ?? listing.title} className="hero" sizes="(min-width: 56rem) 50vw, 100vw" />
          <ul className="pictures small" aria-label="More photos">
            {others.map((photo) => (
              <li key={photo.id}>
                <MediaImage media={photo} alt={photo.altText ?? listing.title} sizes="8rem" />
              </li>
            ))}
          </ul>
        </div>
      )}
      <div>
        <h1>{listing.title}</h1>
        <p className="price">{listing.price}</p>
        {problem !== null && <p className="problem">{problem}</p>}
        {media && !first && (
          <p className="soft">
            There are no photos yet. Once <a href="#/">the seller</a> has added some, they are here as soon as a moderator has approved them in the console.
          </p>
        )}
      </div>
    </div>
  );
}
