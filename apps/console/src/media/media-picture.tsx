import { MediaImage } from '@safelight/react';
import type { Media } from '@safelight/contract/media';
import type { CSSProperties, ReactNode } from 'react';

import { Icon, type IconName } from '../parts/icon.tsx';

type MediaPictureProps = {
  media: Media;
  sizes: string;
  className: string;
  lazy?: boolean;
  alt: string;
  /** What stands there while there is no picture. By default the icon of its kind. */
  instead?: ReactNode;
};

/** The picture of a record in its own proportions. */
export function MediaPicture({ media, sizes, className, lazy = false, alt, instead }: MediaPictureProps) {
  const { width, height, kind } = media;
  const shape: CSSProperties & { '--ratio'?: number } = width === null || height === null ? {} : { '--ratio': width / height };
  return (
    <MediaImage
      className={`picture ${className}`}
      media={media}
      sizes={sizes}
      alt={alt}
      priority={!lazy}
      mark={false}
      style={shape}
      fallback={instead || <Icon name={kindIcons[kind]} />}
    />
  );
}

const kindIcons: Record<Media['kind'], IconName> = { image: 'image', video: 'video', audio: 'audio', file: 'file' };
