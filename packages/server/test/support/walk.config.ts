import { defineConfig } from '@safelight/server/config';

import standard from '../../../../safelight.config.ts';

const [photos, library] = [standard.collections['listing.photos'], standard.collections['user.library']];
if (photos === undefined || library === undefined) throw new Error('the default configuration has no listing.photos or user.library');

/** The configuration of `npm start`, and a collection for each other way of delivering. */
export default defineConfig({
  ...standard,
  collections: {
    ...standard.collections,
    'redirected.photos': { ...photos, delivery: 'redirect', gate: 'none' },
    'accelerated.photos': { ...photos, delivery: 'accelerated', gate: 'none' },
  },
});
