import type { Grant, GrantFile, RefusalReason } from '@safelight/contract/grants';

export type GrantCondition = 'open' | 'used up' | 'expired' | 'revoked';

export function conditionOf({ revokedAt, expiresAt, files }: Pick<Grant, 'revokedAt' | 'expiresAt' | 'files'>, now: Date): GrantCondition {
  if (revokedAt !== null) return 'revoked';
  if (expiresAt !== null && new Date(expiresAt) <= now) return 'expired';
  return files.length > 0 && files.every(isUsedUp) ? 'used up' : 'open';
}

const isUsedUp = ({ downloads, maxDownloads }: GrantFile): boolean => maxDownloads !== null && downloads >= maxDownloads;

export const downloadsOf = ({ files }: Pick<Grant, 'files'>): number => files.reduce((sum, { downloads }) => sum + downloads, 0);

export function describeFiles({ files }: Pick<Grant, 'files'>): string {
  const [first] = files;
  if (first === undefined) return 'none';
  return files.length === 1 ? first.fileName : `${first.fileName} and ${files.length - 1} more`;
}

/** What is said of the clients that were turned away, to whom a buyer complains. */
export const reasonTexts = {
  no_proof: 'showed no proof',
  wrong_proof: 'showed a wrong or an old address',
  revoked: 'the purchase is revoked',
  expired: 'it has expired',
  removed: 'the file is no longer part of it',
  limit: 'all downloads are used',
  rate: 'too much at once',
} as const satisfies Record<RefusalReason, string>;

type Started = { startedAt: string; state: string };

/** Downloads of each day, without gaps, the last `most` days that have any. Those that came to nothing are not counted. */
export function downloadsByDay(downloads: readonly Started[], most = 30): { day: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { startedAt, state } of downloads) if (state !== 'given_back') counts.set(startedAt.slice(0, 10), (counts.get(startedAt.slice(0, 10)) ?? 0) + 1);
  const [first, last] = [[...counts.keys()].toSorted().at(0), [...counts.keys()].toSorted().at(-1)];
  if (first === undefined || last === undefined) return [];
  const days: { day: string; count: number }[] = [];
  for (let at = new Date(last); days.length < most && at >= new Date(first); at = new Date(at.getTime() - 86_400_000)) {
    const day = at.toISOString().slice(0, 10);
    days.unshift({ day, count: counts.get(day) ?? 0 });
  }
  return days;
}
