import { useEffect, useState } from 'react';

type Peaks = { bits: number; length: number; data: readonly number[] };
const steps = 400;

/** The peaks of a sound over its length. */
export function Waveform({ src }: { src: string }) {
  const [peaks, setPeaks] = useState<Peaks | null>(null);
  useEffect(() => {
    const own = new AbortController();
    fetch(src, { signal: own.signal })
      .then(async (answer) => (answer.ok ? ((await answer.json()) as Peaks) : null))
      .then(setPeaks, () => undefined);
    return () => own.abort();
  }, [src]);
  return (
    <svg className="waveform" viewBox={`0 0 ${steps} 100`} preserveAspectRatio="none" role="img" aria-label="Loudness over time">
      {peaks !== null && <path fill="currentColor" d={outlineOf(peaks)} />}
    </svg>
  );
}

function outlineOf({ bits, length, data }: Peaks): string {
  const full = 2 ** (bits - 1);
  const count = Math.min(steps, length);
  return Array.from({ length: count }, (_, step) => {
    const points = data.slice(Math.floor((step * length) / count) * 2, Math.max(1, Math.floor(((step + 1) * length) / count)) * 2);
    const [low, high] = [Math.min(...points, 0), Math.max(...points, 0)].map((peak) => 50 - (peak / full) * 50);
    return `M${((step * steps) / count).toFixed(1)} ${high?.toFixed(1)}h0.8V${low?.toFixed(1)}h-0.8z`;
  }).join('');
}
