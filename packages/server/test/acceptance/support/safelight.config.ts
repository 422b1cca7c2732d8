import { defineConfig } from '@safelight/server/config';

import standard from '../../../../../safelight.config.ts';

const photos = standard.collections['listing.photos'];
if (photos === undefined) throw new Error('the default configuration has no listing.photos');

/** The stub of the application's review service. */
const reviewer = process.env['ACCEPTANCE_REVIEWER_URL'];

/** The configuration of `npm start`, a collection with limits that a test can reach, and some whose rules a suite may change. */
export default defineConfig({
  ...standard,
  ...(reviewer === undefined ? {} : { review: { ...standard.review, webhookUrl: reviewer } }),
  // The store to which an operator moves objects during a test.
  additionalStores: [{ provider: 'filesystem', location: 'archive', root: 'archive' }],
  collections: {
    ...standard.collections,
    // Listing photos whose rules a suite may change, because no other test uses them.
    'test.gated': { ...photos, entityType: 'gated', policy: { ...photos.policy, undoWindowSeconds: 600 } },
    'test.reviewed': { ...photos, entityType: 'reviewed', policy: { ...photos.policy, undoWindowSeconds: 600 } },
    'test.tagged': {
      ...photos,
      entityType: 'tagged',
      policy: { ...photos.policy, photoReviewEnabled: true, photoReviewProvider: 'manual', undoWindowSeconds: 600 },
    },
    'story.photos': { ...photos, entityType: 'story', policy: { ...photos.policy, undoWindowSeconds: 600 } },
    'test.strict': {
      ...photos,
      entityType: 'strict',
      ingest: 'inline',
      gate: 'none',
      policy: {
        ...photos.policy,
        acceptedTypes: ['image/jpeg', 'image/png'],
        batchSize: 3,
        maxItems: 2,
        maxBytes: 200_000,
        minWidth: 100,
        minHeight: 100,
        minAspectRatio: 0.5,
        maxAspectRatio: 2,
        maxMegapixels: 1,
        undoWindowSeconds: 0,
      },
    },
  },
});
