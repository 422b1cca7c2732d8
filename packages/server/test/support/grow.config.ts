import { defineConfig } from '@safelight/server/config';

import standard from '../../../../safelight.config.ts';

/** As in step four of docs/deploying.md: the folder can still be read once new objects go to a bucket. */
export default defineConfig({ ...standard, additionalStores: [{ provider: 'filesystem', location: 'objects', root: 'objects' }] });
