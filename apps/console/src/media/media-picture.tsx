import type { Media } from '@safelight/contract/media';
import { useState, type CSSProperties } from 'react';

import { Icon, type IconName } from '../parts/icon.tsx';
import { Developing } from './developing.tsx';

type MediaPictureProps = { media: Media; sizes: string; className: string; lazy?: boolean; alt: string };

/** The best picture there is of a record, over its blurred placeholder; what is happening, or its kind, where there is none. */
export function MediaPicture({ media, sizes, className, lazy = false, alt }: MediaPictureProps) {
  const [shown, setShown] = useState(false);
  const { thumbnailSrc, srcSet, blurDataURL, width, height, kind, status } = media;
  const src = thumbnailSrc ?? (kind === 'image' ? media.src : null);
  const developing = status === 'pending' || status === 'processing';
  const shape: CSSProperties & { '--ratio'?: number } = width === null || height === null ? {} : { '--ratio': width / height };
  return (
    <span className={`picture ${className}`} style={shape} data-shown={shown || undefined}>
      {blurDataURL !== null && !shown && <img className="picture-blur" src={blurDataURL} alt="" aria-hidden="true" />}
      {src !== null && (
        <img
          src={src}
          srcSet={srcSet ?? undefined}
          sizes={sizes}
          width={width ?? undefined}
          height={height ?? undefined}
          alt={alt}
          loading={lazy ? 'lazy' : 'eager'}
          decoding="async"
          onLoad={() => setShown(true)}
        />
      )}
      {src === null && (developing ? <Developing media={media} /> : <Icon name={kindIcons[kind]} />)}
    </span>
  );
}

const kindIcons: Record<Media['kind'], IconName> = { image: 'image', video: 'video', audio: 'audio', file: 'file' };
