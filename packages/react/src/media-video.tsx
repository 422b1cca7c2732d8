'use client';
import type { Media } from '@safelight/client';
import { forwardRef, useSyncExternalStore, type ComponentPropsWithoutRef, type ForwardRefExoticComponent, type ReactElement, type RefAttributes } from 'react';

import { useLabels } from './use-labels.ts';
import { part, type RenderProp } from './part.tsx';

const Frame = part('span', 'video');
const Mark = part('span', 'ai');

export type Captions = { src: string; srcLang: string; label: string };
export type MediaVideoProps = Omit<ComponentPropsWithoutRef<'video'>, 'src' | 'poster' | 'children'> & {
  media: Media;
  captions?: readonly Captions[] | undefined;
  /** Plays the short silent preview in a loop instead of the whole video; only when asked to, if the user wants no movement. */
  preview?: boolean | undefined;
  /** Another element around it. */
  render?: RenderProp | undefined;
};

const roles = ['stream', 'source', 'preview'];

const motion = (): MediaQueryList | undefined => globalThis.matchMedia?.('(prefers-reduced-motion: reduce)');
const wantsNoMotion = (): boolean => motion()?.matches ?? false;
function subscribeToMotion(listener: () => void): () => void {
  const query = motion();
  query?.addEventListener('change', listener);
  return () => query?.removeEventListener('change', listener);
}

/** A video with its poster. Uses HLS if the record has it and the browser can play it, otherwise the stream. */
export const MediaVideo: ForwardRefExoticComponent<MediaVideoProps & RefAttributes<HTMLVideoElement>> = forwardRef(function MediaVideo(
  { media, captions: given, preview = false, render, className, style, ...rest },
  ref,
) {
  const labels = useLabels();
  const isStill = useSyncExternalStore(subscribeToMotion, wantsNoMotion, () => true);
  const { variants, hlsSrc, storyboard } = media;
  const captions = given ?? media.captions.map(({ src, language, label }) => ({ src, srcLang: language, label: label ?? language }));
  const sources = (preview ? ['preview'] : roles).flatMap((role): ReactElement[] => {
    const variant = variants[role];
    return variant ? [<source key={role} src={variant.src} type={variant.mimeType} />] : [];
  });
  const name = media.altText ?? media.originalFileName ?? undefined;
  const shape = media.width && media.height ? { aspectRatio: `${media.width} / ${media.height}` } : {};
  return (
    <Frame
      render={render}
      className={className}
      data-state={preview ? 'preview' : 'whole'}
      style={{ ...shape, backgroundImage: media.blurDataURL ? `url("${media.blurDataURL}")` : undefined, ...style }}
    >
      {/* Those of the record, or what the application gives instead. */}
      {/* eslint-disable-next-line jsx-a11y/media-has-caption */}
      <video
        ref={ref}
        aria-label={name}
        poster={variants['poster']?.src}
        preload="metadata"
        playsInline
        {...(preview ? { muted: true, loop: true, autoPlay: !isStill } : {})}
        controls={!preview || isStill}
        {...rest}
      >
        {/* First: a browser that cannot play it goes on to the file. */}
        {!preview && hlsSrc && <source src={hlsSrc} type="application/vnd.apple.mpegurl" />}
        {sources}
        {storyboard && <track kind="metadata" src={storyboard.vttSrc} label="storyboard" />}
        {captions.map(({ src, srcLang, label }, index) => (
          <track key={src} kind="captions" src={src} srcLang={srcLang} label={label} default={index === 0} />
        ))}
      </video>
      {media.digitalSource && <Mark title={media.digitalSource}>{labels.madeByAI}</Mark>}
    </Frame>
  );
});
