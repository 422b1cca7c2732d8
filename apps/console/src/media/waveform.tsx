import { useEffect, useState } from 'react';

import { MomentSlider } from './moment-slider.tsx';

type Peaks = { bits: number; length: number; data: readonly number[] };
type WaveformProps = {
  src: string;
  at: number;
  seconds: number;
  /** Without one, what plays is another part of it. */
  onSeek: ((seconds: number) => void) | undefined;
};
const steps = 400;

/** The peaks of a sound over its length, and where in it the player is. */
export function Waveform({ src, at, seconds, onSeek }: WaveformProps) {
  const [peaks, setPeaks] = useState<Peaks | null>(null);
  useEffect(() => {
    const own = new AbortController();
    fetch(src, { signal: own.signal })
      .then(async (answer) => (answer.ok ? ((await answer.json()) as Peaks) : null))
      .then(setPeaks, () => undefined);
    return () => own.abort();
  }, [src]);
  const heard = onSeek && seconds > 0 ? at / seconds : 0;
  return (
    <div className="waveform">
      <svg viewBox={`0 0 ${steps} 100`} preserveAspectRatio="none" role="img" aria-label="Loudness over time">
        {peaks !== null && (
          <>
            <path fill="currentColor" d={outlineOf(peaks, () => true)} />
            <path className="heard" fill="currentColor" d={outlineOf(peaks, (place) => place < heard)} />
          </>
        )}
      </svg>
      {onSeek && <MomentSlider of="recording" at={at} seconds={seconds} step={1} onSeek={onSeek} />}
    </div>
  );
}

/** A bar for each point, or for a few of them, where `isDrawn` of its place from 0 to 1. Silence is a thin line. */
function outlineOf({ bits, length, data }: Peaks, isDrawn: (place: number) => boolean): string {
  const full = 2 ** (bits - 1);
  const count = Math.min(steps, length);
  const wide = ((steps / count) * 0.75).toFixed(2);
  return Array.from({ length: count }, (_, step) => {
    if (!isDrawn(step / count)) return '';
    const points = data.slice(Math.floor((step * length) / count) * 2, Math.max(1, Math.floor(((step + 1) * length) / count)) * 2);
    const [low, high] = [Math.min(...points, -full / 100), Math.max(...points, full / 100)].map((peak) => 50 - (peak / full) * 50);
    return `M${((step * steps) / count).toFixed(1)} ${high?.toFixed(1)}h${wide}V${low?.toFixed(1)}h-${wide}z`;
  }).join('');
}
