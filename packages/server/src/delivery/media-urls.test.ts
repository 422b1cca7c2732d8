import { expect, test } from 'vitest';

import { createSigning } from '../lib/signing.ts';
import { artifactPreview, assetStream, mediaURLs } from './media-urls.ts';

const signing = createSigning([{ id: 'k', secret: 'k'.repeat(32) }]);
const hour = 3_600_000;
const at = new Date('2026-03-04T05:59:00Z');
const urls = mediaURLs({ baseURL: 'http://x', signing, clock: { now: () => at }, collections: new Map() });
const signatureIn = (url: string): string => /\/s\/([^/]+)\//.exec(url)?.[1] ?? new URL(url).searchParams.get('signature') ?? '';

test.each([
  ['a picture', undefined],
  ['a clip', 60_000],
  ['a film of three hours', 3 * hour],
])('the signed addresses of %s are valid until it has been played, and an hour longer', (_what, durationMs) => {
  for (const [url, purpose, bound] of [
    [urls.signedArtifact('token', undefined, durationMs), artifactPreview, 'token'],
    [urls.signedStream('asset', 'token', durationMs), assetStream, 'asset'],
  ] as const) {
    const until = signing.endOf(purpose, [bound], signatureIn(url))?.getTime() ?? 0;
    const played = at.getTime() + (durationMs ?? 0);
    expect(until).toBeGreaterThan(played + hour);
    expect(until).toBeLessThanOrEqual(played + 3 * hour);
  }
});

test('a signed address stays the same for an hour, so that browsers can keep what it led to', () => {
  const earlier = mediaURLs({ baseURL: 'http://x', signing, clock: { now: () => new Date('2026-03-04T05:01:00Z') }, collections: new Map() });
  expect(earlier.signedStream('asset', 'token', 3 * hour)).toBe(urls.signedStream('asset', 'token', 3 * hour));
});
