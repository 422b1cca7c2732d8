'use client';
import type { Media } from '@safelight/client';
import { forwardRef, useState, version, type ComponentPropsWithoutRef, type ReactNode } from 'react';

import { useLabels } from './use-labels.ts';
import { part } from './part.tsx';

const Frame = part('span', 'image');
const Mark = part('span', 'ai');
const Missing = part('span', 'missing');

/** React 18 knows it only by its name in HTML. */
const fetchPriority = Number.parseInt(version, 10) < 19 ? 'fetchpriority' : 'fetchPriority';

/** What can be shown: a record, or an address with whatever else is known. */
export type Shown = Partial<
  Pick<
    Media,
    'kind' | 'src' | 'srcSet' | 'thumbnailSrc' | 'blurDataURL' | 'dominantColour' | 'width' | 'height' | 'altText' | 'originalFileName' | 'digitalSource'
  >
> & {
  url?: string | null | undefined;
};

export type MediaImageProps = Omit<ComponentPropsWithoutRef<'img'>, 'src' | 'srcSet'> & {
  media: Shown;
  /** Loaded at once and first: for what is seen without scrolling. */
  priority?: boolean | undefined;
  /** The smallest picture there is, for lists. */
  thumbnail?: boolean | undefined;
  /** Stands in its place where there is no picture, or none that can be drawn: an icon of its kind, how far it is made. By default words. */
  fallback?: ReactNode;
  /** Whether "AI" stands on what a machine made. Default true; false where it is said beside the picture. */
  mark?: boolean | undefined;
};

/** A picture in the size that the page needs, over its blur until it has come, with "AI" on what a machine made. */
export const MediaImage = forwardRef<HTMLImageElement, MediaImageProps>(function MediaImage(
  { media, priority = false, thumbnail = false, fallback, mark = true, alt, sizes, className, style, ...rest },
  ref,
) {
  const labels = useLabels();
  const src = sourceOf(media, thumbnail);
  const [state, setState] = useLoading(src);
  const text = alt ?? media.altText ?? '';
  const srcSet = thumbnail ? undefined : (media.srcSet ?? undefined);
  return (
    <Frame className={className} data-state={state} style={{ ...(state === 'loaded' ? {} : behind(media)), ...style }}>
      {state === 'broken' ? (
        (fallback ?? (
          <Missing role="img" aria-label={text || labels.noPreview}>
            {labels.noPreview}
          </Missing>
        ))
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
          {...(priority ? { [fetchPriority]: 'high' } : {})}
          decoding="async"
          onLoad={() => setState('loaded')}
          onError={() => setState('broken')}
          {...rest}
        />
      )}
      {mark && media.digitalSource && <Mark title={media.digitalSource}>{labels.madeByAI}</Mark>}
    </Frame>
  );
});

type Loading = 'loading' | 'loaded' | 'broken';

/** How far the picture of an address is; another address begins anew. */
function useLoading(src: string | undefined): [Loading, (state: Loading) => void] {
  const [state, setState] = useState<Loading>('loading');
  const [shown, setShown] = useState(src);
  if (shown !== src) {
    setShown(src);
    setState('loading');
  }
  return [src === undefined ? 'broken' : state, setState];
}

/** Of a recording only its poster can be drawn; the recording itself would be fetched for nothing. */
function sourceOf({ kind = 'image', src, thumbnailSrc, url }: Shown, thumbnail: boolean): string | undefined {
  const whole = kind === 'image' ? (src ?? thumbnailSrc ?? url) : thumbnailSrc;
  return (thumbnail ? thumbnailSrc : null) ?? whole ?? undefined;
}

/** Only until it has come: what is transparent would show it for ever. */
const behind = ({ dominantColour, blurDataURL }: Shown) => ({
  backgroundColor: dominantColour ?? undefined,
  backgroundImage: blurDataURL ? `url("${blurDataURL}")` : undefined,
});
