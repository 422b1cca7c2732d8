'use client';
import type { Media } from '@safelight/client';
import { forwardRef, useState, version, type ComponentPropsWithoutRef, type ForwardRefExoticComponent, type ReactNode, type RefAttributes } from 'react';

import { Glyph } from './glyph.tsx';
import { useLabels } from './use-labels.ts';
import { part, type RenderProp } from './part.tsx';
import { clockOf } from './waveform.ts';

const Frame = part('span', 'image');
const Mark = part('span', 'ai');
const Length = part('span', 'length');
const Missing = part('span', 'missing');

/** React 18 accepts it only under its HTML name. */
const fetchPriority = Number.parseInt(version, 10) < 19 ? 'fetchpriority' : 'fetchPriority';

/** What can be shown: a record, or a URL with optional further fields. */
export type Shown = Partial<
  Pick<
    Media,
    | 'kind'
    | 'src'
    | 'srcSet'
    | 'thumbnailSrc'
    | 'blurDataURL'
    | 'dominantColour'
    | 'width'
    | 'height'
    | 'durationMs'
    | 'altText'
    | 'originalFileName'
    | 'digitalSource'
  >
> & {
  url?: string | null | undefined;
};

export type MediaImageProps = Omit<ComponentPropsWithoutRef<'img'>, 'src' | 'srcSet'> & {
  media: Shown;
  /** Loaded first: for what is visible without scrolling. */
  priority?: boolean | undefined;
  /** The smallest picture there is, for lists. */
  thumbnail?: boolean | undefined;
  /** Shows the previous picture until a replacement can be displayed. Default false. */
  keepPrevious?: boolean | undefined;
  /** Shown if no picture can be displayed. By default a text. */
  fallback?: ReactNode;
  /** Whether generated media are labelled "AI", and the pictures of videos and sounds with their length. Default true. */
  mark?: boolean | undefined;
  /** Another element around it. */
  render?: RenderProp | undefined;
};

/** A picture in the size that the page needs, with a blurred placeholder, the label "AI" on generated media, and the length of what can be played. */
export const MediaImage: ForwardRefExoticComponent<MediaImageProps & RefAttributes<HTMLImageElement>> = forwardRef(function MediaImage(
  { media, priority = false, thumbnail = false, keepPrevious = false, fallback, mark = true, alt, sizes, render, className, style, onLoad, onError, ...rest },
  ref,
) {
  const labels = useLabels();
  const srcSet = !thumbnail && media.srcSet;
  const wanted: Picture = {
    src: sourceOf(media, thumbnail),
    ...(srcSet && { srcSet, sizes: sizes ?? '100vw' }),
    alt: alt ?? media.altText ?? '',
    width: media.width ?? undefined,
    height: media.height ?? undefined,
  };
  const { state, previous, settle } = useLoading(wanted, keepPrevious);
  const pass = (element: HTMLImageElement | null) => {
    if (typeof ref === 'function') ref(element);
    else if (ref) ref.current = element;
  };
  return (
    <Frame render={render} className={className} data-state={state} style={{ ...(state === 'loaded' ? {} : behind(media)), ...style }}>
      {state === 'broken' &&
        (fallback ?? (
          <Missing role="img" aria-label={wanted.alt || labels.noPreview}>
            {media.kind === 'audio' ? <Glyph d="M3 1.5v13l11-6.5z" /> : labels.noPreview}
          </Missing>
        ))}
      {previous && <img {...rest} {...previous} alt={previous.alt} key={previous.src} ref={pass} />}
      {state !== 'broken' && (
        <img
          key={wanted.src}
          ref={(element) => {
            if (!previous) pass(element);
            // On a page that was rendered on a server, it may have loaded before the listener was attached.
            if (element?.complete && element.naturalWidth > 0) settle('loaded');
          }}
          {...wanted}
          alt={wanted.alt}
          loading={priority || previous ? 'eager' : 'lazy'}
          {...(priority ? { [fetchPriority]: 'high' } : {})}
          // When it replaces another picture, it is decoded before it is shown.
          decoding={keepPrevious ? 'sync' : 'async'}
          {...(previous ? { hidden: true, style: unseen } : {})}
          onLoad={(event) => {
            onLoad?.(event);
            settle('loaded');
          }}
          onError={(event) => {
            onError?.(event);
            settle('broken');
          }}
          {...rest}
        />
      )}
      {mark && media.kind !== 'image' && media.durationMs ? <Length>{labels.recording(media.kind, clockOf(media.durationMs / 1000))}</Length> : null}
      {mark && media.digitalSource && <Mark title={media.digitalSource}>{labels.madeByAI}</Mark>}
    </Frame>
  );
});

type Picture = Pick<ComponentPropsWithoutRef<'img'>, 'src' | 'srcSet' | 'sizes' | 'alt' | 'width' | 'height'>;
type Loading = 'loading' | 'loaded' | 'broken';
/** Inline styles, so that no stylesheet is needed. */
const unseen = { display: 'none' };

type Standing = { wanted: Picture; state: Loading; previous?: Picture | undefined };

/** The loading state of the wanted picture, and which picture is shown until then. A new URL starts over. */
function useLoading(wanted: Picture, keep: boolean): Omit<Standing, 'wanted'> & { settle: (state: Loading) => void } {
  const [now, setNow] = useState<Standing>({ wanted, state: 'loading' });
  if (now.wanted.src !== wanted.src) setNow(follow(now, wanted, keep));
  const settle = (state: Loading) => setNow((latest) => (latest.wanted.src === wanted.src && latest.state === 'loading' ? { wanted, state } : latest));
  if (wanted.src === undefined) return { state: 'broken', settle };
  return { state: now.previous ? 'loaded' : now.state, previous: now.previous, settle };
}

function follow({ wanted: before, state, previous }: Standing, wanted: Picture, keep: boolean): Standing {
  const kept = keep ? (state === 'loaded' ? before : previous) : undefined;
  // The wanted picture is again the one that is still shown.
  return kept && kept.src === wanted.src ? { wanted, state: 'loaded' } : { wanted, state: 'loading', previous: kept };
}

/** Of a recording only the poster can be displayed; loading the recording itself would be useless. */
function sourceOf({ kind = 'image', src, thumbnailSrc, url }: Shown, thumbnail: boolean): string | undefined {
  const whole = kind === 'image' ? (src ?? thumbnailSrc ?? url) : thumbnailSrc;
  return (thumbnail ? thumbnailSrc : null) ?? whole ?? undefined;
}

/** Only until the picture has loaded: it would stay visible behind transparent pictures. */
const behind = ({ dominantColour, blurDataURL }: Shown) => ({
  backgroundColor: dominantColour ?? undefined,
  backgroundImage: blurDataURL ? `url("${blurDataURL}")` : undefined,
});
