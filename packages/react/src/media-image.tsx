'use client';
import type { Media } from '@safelight/client';
import { forwardRef, useState, type ComponentPropsWithoutRef } from 'react';

import { useLabels } from './use-labels.ts';
import { part } from './part.tsx';

const Frame = part('span', 'image');
const Mark = part('span', 'ai');
const Missing = part('span', 'missing');

/** What can be shown: a record, or an address with whatever else is known. */
export type Shown = Partial<
  Pick<Media, 'src' | 'srcSet' | 'thumbnailSrc' | 'blurDataURL' | 'dominantColour' | 'width' | 'height' | 'altText' | 'originalFileName' | 'digitalSource'>
> & {
  url?: string | null | undefined;
};

export type MediaImageProps = Omit<ComponentPropsWithoutRef<'img'>, 'src' | 'srcSet'> & {
  media: Shown;
  /** Loaded at once and first: for what is seen without scrolling. */
  priority?: boolean | undefined;
  /** The smallest picture there is, for lists. */
  thumbnail?: boolean | undefined;
};

/** A picture in the size that the page needs, over its blur until it has come, with "AI" on what a machine made. */
export const MediaImage = forwardRef<HTMLImageElement, MediaImageProps>(function MediaImage(
  { media, priority = false, thumbnail = false, alt, sizes, className, style, ...rest },
  ref,
) {
  const labels = useLabels();
  const [state, setState] = useState<'loading' | 'loaded' | 'broken'>('loading');
  const src = (thumbnail ? media.thumbnailSrc : null) ?? media.src ?? media.thumbnailSrc ?? media.url ?? undefined;
  const [shown, setShown] = useState(src);
  if (shown !== src) {
    setShown(src);
    setState('loading');
  }
  const text = alt ?? media.altText ?? '';
  const isMissing = src === undefined || state === 'broken';
  const blur = media.blurDataURL ? `url("${media.blurDataURL}")` : undefined;
  const srcSet = thumbnail ? undefined : (media.srcSet ?? undefined);
  return (
    <Frame
      className={className}
      data-state={isMissing ? 'broken' : state}
      style={{ backgroundColor: media.dominantColour ?? undefined, backgroundImage: blur, ...style }}
    >
      {isMissing ? (
        <Missing role="img" aria-label={text || labels.noPreview}>
          {labels.noPreview}
        </Missing>
      ) : (
        <img
          ref={(element) => {
            if (typeof ref === 'function') ref(element);
            else if (ref) ref.current = element;
            // It may have come before anybody listened: a page that was rendered on a server.
            if (element?.complete && element.naturalWidth > 0 && state === 'loading') setState('loaded');
          }}
          src={src}
          {...(srcSet === undefined ? {} : { srcSet, sizes: sizes ?? '100vw' })}
          alt={text}
          width={media.width ?? undefined}
          height={media.height ?? undefined}
          loading={priority ? 'eager' : 'lazy'}
          fetchPriority={priority ? 'high' : undefined}
          decoding="async"
          onLoad={() => setState('loaded')}
          onError={() => setState('broken')}
          {...rest}
        />
      )}
      {media.digitalSource && <Mark title={media.digitalSource}>{labels.madeByAI}</Mark>}
    </Frame>
  );
});
