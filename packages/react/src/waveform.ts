'use client';

/** Peaks in the format of `audiowaveform`: for each point the lowest and the highest sample. */
export type Peaks = { bits: number; length: number; data: readonly number[] };

/** The outline of a recording in a box of 1000 by 100, in at most 500 steps. */
export function pathOf({ bits, length, data }: Peaks): string {
  const steps = Math.min(500, length);
  const full = 2 ** (bits - 1);
  const upper: string[] = [];
  const lower: string[] = [];
  for (let step = 0; step < steps; step += 1) {
    const from = Math.floor((step * length) / steps);
    const points = data.slice(from * 2, Math.max(from + 1, Math.floor(((step + 1) * length) / steps)) * 2);
    const x = Math.round((step * 1000) / Math.max(1, steps - 1));
    upper.push(`${x} ${(50 - (Math.max(...points) / full) * 50).toFixed(1)}`);
    lower.push(`${x} ${(50 - (Math.min(...points) / full) * 50).toFixed(1)}`);
  }
  return steps === 0 ? '' : `M${upper.join('L')}L${lower.toReversed().join('L')}Z`;
}

/** `3:07`, or `1:02:03` from an hour on. */
export function clockOf(seconds: number): string {
  const whole = Math.floor(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const two = (value: number): string => String(value).padStart(2, '0');
  return hours > 0 ? `${hours}:${two(minutes)}:${two(rest)}` : `${minutes}:${two(rest)}`;
}
