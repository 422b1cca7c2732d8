import { defineConfig } from '@safelight/server/config';

import walk from './walk.config.ts';

/** Apache with mod_xsendfile in front. */
export default defineConfig({ ...walk, acceleration: { header: 'x-sendfile', prefix: '/safelight-internal' } });
