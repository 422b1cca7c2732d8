import type { Media } from '@safelight/contract/media';

import { Icon, type IconName } from '../parts/icon.tsx';

type MediaPictureProps = { media: Media; sizes: string; className?: string; lazy?: boolean; alt: string };

/** The best picture there is of a record, over its blurred placeholder; its kind where there is none yet. */
export function MediaPicture({ media, sizes, className = '', lazy = false, alt }: MediaPictureProps) {
  const { thumbnailSrc, srcSet, blurDataURL, width, height, kind } = media;
  const src = thumbnailSrc ?? (kind === 'image' ? media.src : null);
  return (
    <span className={`picture ${className}`}>
      {blurDataURL !== null && <img className="picture-blur" src={blurDataURL} alt="" aria-hidden="true" />}
      {src === null ? (
        <Icon name={kindIcons[kind]} />
      ) : (
        <img
          src={src}
          srcSet={srcSet ?? undefined}
          sizes={sizes}
          width={width ?? undefined}
          height={height ?? undefined}
          alt={alt}
          loading={lazy ? 'lazy' : 'eager'}
          decoding="async"
        />
      )}
    </span>
  );
}

const kindIcons: Record<Media['kind'], IconName> = { image: 'image', video: 'video', audio: 'audio', file: 'file' };
