import { expect, test } from 'vitest';

import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { loadConfig } from '../../config.ts';
import type { Kind } from '../../lib/schema.ts';
import { checkGates } from './check-gates.ts';

const { collections } = await loadConfig({ SAFELIGHT_DATA_DIR: await temporaryDirectory() }, import.meta.dirname.replace(/\/packages\/server\/.*$/, ''));
const find = (gate: 'none' | 'policy', kinds: Kind[]) =>
  checkGates({ collections: new Map([...collections].map(([name, collection]) => [name, { ...collection, gate, kinds }])) });

test('says what is shown without a review in a collection with a gate', () => {
  expect(checkGates({ collections })).toEqual([]);
  expect(find('none', ['audio', 'file'])).toEqual([]);
  expect(find('policy', ['image', 'video'])).toEqual([]);
  expect(find('policy', ['image', 'audio', 'file'])[0]).toMatchObject({
    check: 'gate',
    result: 'warning',
    detail: expect.stringContaining('audio and file'),
    fix: expect.stringContaining('collection of its own'),
  });
});
