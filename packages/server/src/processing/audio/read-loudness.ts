/** `threshold`: quieter parts are not counted. */
export type Loudness = { integrated: number; truePeak: number; range: number; threshold: number };

/** The value that the measurement gives for silence. */
const floor = -70;

/** Reads the summary at the end of ffmpeg's `ebur128` output (EBU R 128): LUFS, dBFS, LU. Null for silence, which has no loudness. */
export function readLoudness(words: string): Loudness | null {
  // A file may have had anything printed before; the summary comes last.
  const summary = words.slice(words.lastIndexOf('Summary:'));
  const valueOf = (line: RegExp): number => Number(line.exec(summary)?.[1] ?? Number.NaN);
  const integrated = valueOf(/\bI:\s+(-?[\d.]+) LUFS/);
  const range = valueOf(/\bLRA:\s+(-?[\d.]+) LU/);
  const truePeak = valueOf(/\bPeak:\s+(-?[\d.]+) dBFS/);
  // The first of two thresholds: that of the integrated loudness.
  const threshold = valueOf(/\bThreshold:\s+(-?[\d.]+) LUFS/);
  return [integrated, range, truePeak, threshold].every(Number.isFinite) && integrated > floor ? { integrated, truePeak, range, threshold } : null;
}
