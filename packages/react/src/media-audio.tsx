'use client';
import type { Media } from '@safelight/client';
import { useEffect, useRef, useState } from 'react';

import { Glyph } from './glyph.tsx';
import { useLabels } from './use-labels.ts';
import { part, withRef, type PartProps } from './part.tsx';
import { clockOf, pathOf, type Peaks } from './waveform.ts';

const Root = part('div', 'audio');
const Toggle = part('button', 'audio-toggle');
const Wave = part('div', 'wave');
const Time = part('span', 'audio-time');

export type MediaAudioProps = Omit<PartProps<'div'>, 'children'> & { media: Media };

function usePeaks(waveform: string | undefined): Peaks | null {
  const [peaks, setPeaks] = useState<Peaks | null>(null);
  useEffect(() => {
    if (waveform === undefined) return undefined;
    const own = new AbortController();
    fetch(waveform, { signal: own.signal })
      .then(async (answer) => (answer.ok ? ((await answer.json()) as Peaks) : null))
      .then(setPeaks, () => undefined);
    return () => own.abort();
  }, [waveform]);
  return peaks;
}

/** An audio player with a waveform: a button, and a slider that also works with the keyboard. */
export const MediaAudio = withRef(function MediaAudio({ media, ...rest }: MediaAudioProps): React.JSX.Element {
  const labels = useLabels();
  const audio = useRef<HTMLAudioElement>(null);
  const [isPlaying, setPlaying] = useState(false);
  const [seconds, setSeconds] = useState(0);
  const total = (media.durationMs ?? 0) / 1000;
  const source = media.variants['stream'] ?? media.variants['source'] ?? media.variants['preview'];
  const peaks = usePeaks(media.variants['waveform']?.src);

  const toggle = (): void => {
    if (!audio.current?.paused) audio.current?.pause();
    else audio.current.play().catch(() => setPlaying(false));
  };
  return (
    <Root role="group" aria-label={media.altText ?? media.originalFileName} data-state={isPlaying ? 'playing' : 'paused'} {...rest}>
      {/* What is said in it is for the page to tell: a track of captions comes with a video. */}
      {/* eslint-disable-next-line jsx-a11y/media-has-caption */}
      <audio
        ref={audio}
        src={source?.src}
        preload="none"
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onTimeUpdate={({ currentTarget }) => setSeconds(currentTarget.currentTime)}
      />
      <Toggle type="button" onClick={toggle} aria-label={isPlaying ? labels.stop : labels.play} disabled={source === undefined}>
        <Glyph d={isPlaying ? 'M3 2h4v12H3zM9 2h4v12H9z' : 'M3 1.5v13l11-6.5z'} />
      </Toggle>
      {/* Time runs from left to right, also on a page that is read from right to left. */}
      <Wave dir="ltr">
        <svg viewBox="0 0 1000 100" preserveAspectRatio="none" aria-hidden="true">
          {peaks && <path fill="currentColor" d={pathOf(peaks)} />}
        </svg>
        <input
          type="range"
          min={0}
          max={total}
          step={total < 20 ? 0.1 : 1}
          value={Math.min(seconds, total)}
          aria-label={labels.position}
          aria-valuetext={clockOf(seconds)}
          onChange={({ target }) => {
            setSeconds(Number(target.value));
            if (audio.current) audio.current.currentTime = Number(target.value);
          }}
        />
      </Wave>
      <Time dir="ltr">
        {clockOf(seconds)} / {clockOf(total)}
      </Time>
    </Root>
  );
});
