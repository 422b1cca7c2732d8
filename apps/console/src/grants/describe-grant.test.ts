import { expect, test } from 'vitest';

import { conditionOf, downloadsByDay } from './describe-grant.ts';

const file = (downloads: number, maxDownloads: number | null) => ({
  mediaId: '',
  replacedBy: null,
  fileName: '',
  byteSize: 1,
  mimeType: '',
  sha256: null,
  url: '',
  downloads,
  maxDownloads,
  lastDownloadAt: null,
});
const now = new Date('2026-06-01T00:00:00Z');
const grant = (more: object) => ({ revokedAt: null, expiresAt: null, files: [file(1, 3)], ...more });

test('a purchase is revoked rather than expired, and used up if none of its files can be downloaded', () => {
  expect(conditionOf(grant({}), now)).toBe('open');
  expect(conditionOf(grant({ files: [file(3, 3), file(0, null)] }), now)).toBe('open');
  expect(conditionOf(grant({ files: [file(3, 3)] }), now)).toBe('used up');
  expect(conditionOf(grant({ expiresAt: now.toISOString() }), now)).toBe('expired');
  expect(conditionOf(grant({ expiresAt: now.toISOString(), revokedAt: now.toISOString() }), now)).toBe('revoked');
});

test('downloads are counted by day without gaps, and those that were given back are not', () => {
  const at = (day: string, state = 'complete') => ({ startedAt: `${day}T12:00:00Z`, state });
  expect(downloadsByDay([at('2026-05-03'), at('2026-05-01'), at('2026-05-03'), at('2026-05-04', 'given_back')])).toEqual([
    { day: '2026-05-01', count: 1 },
    { day: '2026-05-02', count: 0 },
    { day: '2026-05-03', count: 2 },
  ]);
  expect(downloadsByDay([])).toEqual([]);
  expect(downloadsByDay([at('2026-01-01'), at('2026-05-01')], 7)).toHaveLength(7);
});
