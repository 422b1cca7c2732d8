import { expect, test } from 'vitest';

import { cacheControl, cacheRule } from './cache-rule.ts';

const gated = { gate: 'policy' } as const;
const open = { gate: 'none' } as const;

test('an artifact is cached for a year if a CDN is told about hidden media, otherwise for minutes', () => {
  const said = (collection: typeof gated | typeof open, purgesCdn: boolean) =>
    cacheControl(cacheRule(collection, { shared: true, named: 'artifact', purgesCdn }));
  expect(said(gated, true)).toBe('public, max-age=31536000, immutable');
  expect(said(open, true)).toBe('public, max-age=31536000, immutable');
  expect(said(gated, false)).toBe('public, max-age=300');
  expect(said(open, false)).toBe('public, max-age=3600');
});

test('restricted media are cached by nobody in between, and the URL of an asset never for long', () => {
  expect(cacheControl(cacheRule(open, { shared: false, named: 'artifact', purgesCdn: true }))).toBe('private, no-cache');
  expect(cacheControl(cacheRule(gated, { shared: true, named: 'asset', purgesCdn: true }))).toBe('public, max-age=300');
});
