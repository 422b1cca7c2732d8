import { defineConfig } from '@safelight/server/config';

import standard from '../../../../safelight.config.ts';

const [clips, photos] = [standard.collections['artist.media'], standard.collections['listing.photos']];
if (clips === undefined || photos === undefined) throw new Error('the default configuration has no artist.media or listing.photos');

/** The configuration of `npm start`, and collections of videos in several sizes, one of them behind a gate. */
export default defineConfig({
  ...standard,
  collections: {
    ...standard.collections,
    // As long and as large as the ceilings allow.
    'artist.epics': { ...clips, policy: { ...clips.policy, maxBytes: 2 * 2 ** 30, maxDurationMs: 4 * 3_600_000 } },
    'artist.films': { ...clips, video: { hls: 'on' } },
    'artist.reviewed': { ...clips, gate: 'policy', video: { hls: 'on' }, policy: { ...clips.policy, photoReviewEnabled: true, photoReviewProvider: 'manual' } },
  },
});
