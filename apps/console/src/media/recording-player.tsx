import type { Media } from '@safelight/contract/media';
import { useRef } from 'react';

import { StoryboardStrip } from './storyboard-strip.tsx';
import { Waveform } from './waveform.tsx';

/** Plays what there is of a video or a sound: the stream, else the preview; nothing where neither has been made. */
export function RecordingPlayer({ media }: { media: Media }) {
  const player = useRef<HTMLVideoElement>(null);
  const { variants, kind, storyboard, captions, durationMs, originalFileName } = media;
  const source = variants['stream'] ?? variants['preview'];
  const waveform = variants['waveform']?.src;
  const seek = (seconds: number): void => {
    if (player.current !== null) player.current.currentTime = seconds;
  };
  if (source === undefined) return null;
  const name = media.altText ?? originalFileName;
  if (kind === 'audio')
    return (
      <div className="recording">
        {waveform !== undefined && <Waveform src={waveform} />}
        {/* eslint-disable-next-line jsx-a11y/media-has-caption -- sound has none here */}
        <audio controls preload="metadata" src={source.src} aria-label={name} />
      </div>
    );
  return (
    <div className="recording">
      {/* eslint-disable-next-line jsx-a11y/media-has-caption -- those that it has */}
      <video
        ref={player}
        controls
        playsInline
        preload="metadata"
        crossOrigin="anonymous"
        src={source.src}
        poster={variants['poster']?.src}
        width={media.width ?? undefined}
        height={media.height ?? undefined}
        aria-label={name}
      >
        {captions.map(({ language, label, src }) => (
          <track key={language} kind="captions" srcLang={language} label={label ?? language} src={src} />
        ))}
      </video>
      {storyboard !== null && <StoryboardStrip storyboard={storyboard} seconds={(durationMs ?? 0) / 1000} onSeek={seek} />}
    </div>
  );
}

/** Whether there is something to play. */
export const isPlayable = ({ kind, variants }: Pick<Media, 'kind' | 'variants'>): boolean =>
  (kind === 'video' || kind === 'audio') && (variants['stream'] ?? variants['preview']) !== undefined;
