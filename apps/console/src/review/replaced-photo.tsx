import { MediaPicture } from '../media/media-picture.tsx';
import { useMedia } from '../media/use-media.ts';

/** The photo that is shown now and would be taken away, beside the one that is to be decided on. */
export function ReplacedPhoto({ id }: { id: string }) {
  const { media } = useMedia(id, null);
  if (media === null) return null;
  return (
    <figure className="replaced-photo">
      <MediaPicture media={media} sizes="10rem" className="replaced-picture" alt={media.altText ?? ''} />
      <figcaption className="fine">Takes the place of this one, which is shown until then</figcaption>
    </figure>
  );
}
