import { defineConfig } from '@safelight/server/config';

import motion from './motion.config.ts';

const clips = motion.collections['artist.media'];
if (clips === undefined) throw new Error('the configuration has no artist.media');

/** Like `motion.config.ts`, but clips are always encoded. */
export default defineConfig({ ...motion, collections: { ...motion.collections, 'artist.media': { ...clips, video: { ...clips.video, remux: 'never' } } } });
