/** `threshold`: what is more silent counts for nothing. */
export type Loudness = { integrated: number; truePeak: number; range: number; threshold: number };

/** What the measure reads in silence. */
const floor = -70;

/** The summary that ffmpeg's `ebur128` ends with (EBU R 128): LUFS, dBFS, LU. Null for silence, which has no loudness. */
export function readLoudness(words: string): Loudness | null {
  // Whatever a file may have had printed before, the summary is the last word.
  const summary = words.slice(words.lastIndexOf('Summary:'));
  const valueOf = (line: RegExp): number => Number(line.exec(summary)?.[1] ?? Number.NaN);
  const integrated = valueOf(/\bI:\s+(-?[\d.]+) LUFS/);
  const range = valueOf(/\bLRA:\s+(-?[\d.]+) LU/);
  const truePeak = valueOf(/\bPeak:\s+(-?[\d.]+) dBFS/);
  // The first of two: that of the integrated loudness.
  const threshold = valueOf(/\bThreshold:\s+(-?[\d.]+) LUFS/);
  return [integrated, range, truePeak, threshold].every(Number.isFinite) && integrated > floor ? { integrated, truePeak, range, threshold } : null;
}
