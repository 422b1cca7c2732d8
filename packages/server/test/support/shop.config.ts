import { defineConfig } from '@safelight/server/config';

import standard from '../../../../safelight.config.ts';

const files = standard.collections['product.files'];
if (files === undefined) throw new Error('the default configuration has no product.files');

/** The configuration of `npm start`, and sold files for each other way of delivering. Rates are unlimited, so that a test may try often. */
export default defineConfig({
  ...standard,
  grants: { opensPerMinute: 100_000, wrongProofsPerMinute: 100_000 },
  cdn: { kind: 'nginx-secure-link', baseURL: `${process.env['SHOP_ADDRESS'] ?? 'http://127.0.0.1'}/cdn` },
  collections: {
    ...standard.collections,
    'carried.files': { ...files, delivery: 'cdn' },
    'accelerated.files': { ...files, delivery: 'accelerated' },
  },
});
