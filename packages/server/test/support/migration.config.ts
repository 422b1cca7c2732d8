import { defineConfig } from '@safelight/server/config';

import standard from '../../../../safelight.config.ts';

const { S3_BUCKET: bucket = '', AZURE_STORAGE_CONTAINER: container = '', AWS_ENDPOINT_URL_S3: endpoint = '' } = process.env;

/** All stores of a product that moves from one to the next; an environment variable names the active one. */
export default defineConfig({
  ...standard,
  // A buyer that requests without pause.
  grants: { opensPerMinute: 100_000 },
  additionalStores: [
    {
      provider: 's3',
      location: bucket,
      endpoint,
      target: 'emulator',
      accessKeyIdVariable: 'AWS_ACCESS_KEY_ID',
      secretAccessKeyVariable: 'AWS_SECRET_ACCESS_KEY',
    },
    { provider: 'azure', location: container, target: 'emulator' },
    { provider: 'filesystem', location: 'objects', root: 'objects' },
  ],
});
