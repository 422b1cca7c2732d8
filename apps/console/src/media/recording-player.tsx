import type { Media } from '@safelight/contract/media';

import { StoryboardStrip } from './storyboard-strip.tsx';
import { titleOf } from './title-of.ts';
import { useMoment } from './use-moment.ts';
import { Waveform } from './waveform.tsx';

/** Plays what there is of a video or a sound: the stream, else the preview; nothing where neither has been made. */
export function RecordingPlayer({ media }: { media: Media }) {
  const source = media.variants['stream'] ?? media.variants['preview'];
  if (source === undefined) return null;
  return media.kind === 'audio' ? <Sound media={media} src={source.src} /> : <Film media={media} src={source.src} />;
}

type PlayerProps = { media: Media; src: string };

function Sound({ media, src }: PlayerProps) {
  const { player, at, seek, onTimeUpdate } = useMoment<HTMLAudioElement>();
  const { variants, durationMs } = media;
  const [waveform, cover] = [variants['waveform']?.src, variants['poster_small']?.src];
  return (
    <div className="recording sound">
      {cover !== undefined && <img className="cover" src={cover} alt="" />}
      {waveform !== undefined && <Waveform src={waveform} at={at} seconds={(durationMs ?? 0) / 1000} onSeek={variants['stream'] && seek} />}
      {/* eslint-disable-next-line jsx-a11y/media-has-caption -- sound has none here */}
      <audio ref={player} controls preload="metadata" src={src} aria-label={nameOf(media)} onTimeUpdate={onTimeUpdate} />
    </div>
  );
}

function Film({ media, src }: PlayerProps) {
  const { player, at, seek, onTimeUpdate } = useMoment<HTMLVideoElement>();
  const { variants, storyboard, captions, durationMs, width, height } = media;
  return (
    <div className="recording">
      {/* eslint-disable-next-line jsx-a11y/media-has-caption -- those that it has */}
      <video
        ref={player}
        controls
        playsInline
        preload="metadata"
        crossOrigin="anonymous"
        src={src}
        poster={variants['poster']?.src}
        width={width ?? undefined}
        height={height ?? undefined}
        aria-label={nameOf(media)}
        onTimeUpdate={onTimeUpdate}
      >
        {captions.map(({ language, label, src: text }) => (
          <track key={`${language} ${text}`} kind="captions" srcLang={language} label={label ?? language} src={text} />
        ))}
      </video>
      {storyboard !== null && <StoryboardStrip storyboard={storyboard} at={at} seconds={(durationMs ?? 0) / 1000} onSeek={seek} />}
    </div>
  );
}

const nameOf = (media: Media): string => media.altText ?? titleOf(media);

/** Whether there is something to play. */
export const isPlayable = ({ kind, variants }: Pick<Media, 'kind' | 'variants'>): boolean =>
  (kind === 'video' || kind === 'audio') && (variants['stream'] ?? variants['preview']) !== undefined;
