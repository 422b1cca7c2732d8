import type { Job } from '@safelight/contract/jobs';

/** How long a job was worked on, and how long it waited otherwise: for its turn, or for the next attempt. In milliseconds. */
export function timesOf(
  { tries, createdAt, finishedAt }: Pick<Job, 'tries' | 'createdAt' | 'finishedAt'>,
  now: number,
): { waitedMs: number; workedMs: number } {
  const end = finishedAt === undefined ? now : Date.parse(finishedAt);
  const workedMs = tries.reduce((sum, { startedAt, endedAt }) => sum + (endedAt === null ? end : Date.parse(endedAt)) - Date.parse(startedAt), 0);
  return { workedMs, waitedMs: Math.max(0, end - Date.parse(createdAt) - workedMs) };
}

/** Tenths of a second as long as they say something. */
export function describeSpan(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 1 : 0)} s`;
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ${Math.floor(ms / 1000) % 60} s`;
  return ms < 172_800_000 ? `${(ms / 3_600_000).toFixed(1)} h` : `${Math.round(ms / 86_400_000)} days`;
}
