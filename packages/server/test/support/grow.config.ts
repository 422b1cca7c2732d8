import { defineConfig } from '@safelight/server/config';

import standard from '../../../../safelight.config.ts';

/** As docs/deploying.md says in its fourth step: the folder may still be read once new objects go to a bucket. */
export default defineConfig({ ...standard, additionalStores: [{ provider: 'filesystem', location: 'objects', root: 'objects' }] });
