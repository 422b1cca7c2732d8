import type { QueuedMedia } from '@safelight/contract/reviews';
import { useEffect, useState, type CSSProperties } from 'react';

import { MediaPicture } from '../media/media-picture.tsx';
import { titleOf } from '../media/title-of.ts';
import { Icon } from '../parts/icon.tsx';

/** The photo as it fits, or the largest there is of it pixel for pixel, to be moved about. `Z` goes from one to the other. */
export function PixelView({ media }: { media: QueuedMedia }) {
  const [whole, setWhole] = useState(false);
  const { altText, src, variants, width, height } = media;
  const largest = Object.values(variants)
    .filter((one) => one.width !== null && one.mimeType.startsWith('image/'))
    .toSorted((a, b) => (b.width ?? 0) - (a.width ?? 0))[0];
  const pixels = largest?.src ?? src;
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key.toLowerCase() !== 'z' || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]') !== null) return;
      if (event.target instanceof HTMLElement && event.target.matches('textarea, select, input:not([type="checkbox"])')) return;
      setWhole((before) => !before);
    };
    addEventListener('keydown', onKeyDown);
    return () => removeEventListener('keydown', onKeyDown);
  }, []);
  const shape: CSSProperties & { '--ratio'?: number } = width === null || height === null ? {} : { '--ratio': width / height };
  const text = altText ?? titleOf(media);
  return (
    <div className="pixel-view" data-whole={whole} style={shape}>
      {whole && pixels !== null ? (
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- so that a keyboard can scroll it
        <div className="pixel-frame" tabIndex={0} role="group" aria-label="Pixel for pixel">
          <img src={pixels} alt={text} />
        </div>
      ) : (
        <MediaPicture media={media} sizes="(min-width: 60rem) 50vw, 100vw" className="detail-picture" alt={text} />
      )}
      {pixels !== null && (
        <button className="button small pixel-switch" type="button" aria-pressed={whole} aria-keyshortcuts="Z" onClick={() => setWhole(!whole)}>
          <Icon name="search" />
          {whole ? 'Whole' : '1:1'}
        </button>
      )}
    </div>
  );
}
