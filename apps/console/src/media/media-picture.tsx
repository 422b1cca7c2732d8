import { MediaImage } from '@safelight/react';
import type { Media } from '@safelight/contract/media';
import type { CSSProperties } from 'react';

import { Icon, type IconName } from '../parts/icon.tsx';
import { Developing } from './developing.tsx';

type MediaPictureProps = { media: Media; sizes: string; className: string; lazy?: boolean; alt: string };

/** The picture of a record in its own proportions; what is happening, or its kind, where there is none. */
export function MediaPicture({ media, sizes, className, lazy = false, alt }: MediaPictureProps) {
  const { width, height, kind, status } = media;
  const shape: CSSProperties & { '--ratio'?: number } = width === null || height === null ? {} : { '--ratio': width / height };
  const developing = status === 'pending' || status === 'processing';
  return (
    <MediaImage
      className={`picture ${className}`}
      media={media}
      sizes={sizes}
      alt={alt}
      priority={!lazy}
      mark={false}
      style={shape}
      fallback={developing ? <Developing media={media} /> : <Icon name={kindIcons[kind]} />}
    />
  );
}

const kindIcons: Record<Media['kind'], IconName> = { image: 'image', video: 'video', audio: 'audio', file: 'file' };
