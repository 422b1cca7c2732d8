import { MediaImage, useSafelightClient } from '@safelight/react';

import { useGallery } from '../shared/use-gallery.ts';
import { listing } from './listing.ts';

/** What everybody else sees: photos that were approved, and no trace of the others. */
export function BuyerPage(): React.JSX.Element {
  const { media, problem } = useGallery(useSafelightClient(), listing.place);
  const [first, ...others] = media ?? [];
  return (
    <>
      {first ? <MediaImage media={first} priority alt={first.altText ?? listing.title} className="hero" sizes="(min-width: 64rem) 60rem, 100vw" /> : null}
      <h1>{listing.title}</h1>
      <p>{listing.price}</p>
      {problem && <p className="problem">{problem.detail}</p>}
      {media && !first && <p className="soft">There are no photos yet.</p>}
      <ul className="pictures" aria-label="More photos">
        {others.map((photo) => (
          <li key={photo.id}>
            <MediaImage media={photo} alt={photo.altText ?? listing.title} sizes="14rem" />
          </li>
        ))}
      </ul>
    </>
  );
}
