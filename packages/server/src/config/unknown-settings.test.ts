import { expect, test } from 'vitest';

import { unknownSettings } from './unknown-settings.ts';

test('a misspelt setting is found, with the one that was probably meant', () => {
  const env = { SAFELIGHT_STORGE: 's3', SAFELIGHT_STORAGE: 's3', SAFELIGHT_SOMETHING_ELSE: '1', SAFELIGHT_TEST_S3_BUCKET: 'photos', PATH: '/bin' };
  expect(unknownSettings(env)).toEqual([
    { name: 'SAFELIGHT_STORGE', meant: 'SAFELIGHT_STORAGE' },
    { name: 'SAFELIGHT_SOMETHING_ELSE', meant: null },
  ]);
});
