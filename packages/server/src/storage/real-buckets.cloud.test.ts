import { describe } from 'vitest';
import { usualRegion } from './declared-store.ts';
import { openStore } from './open-store.ts';
import type { StoreConfig } from './store-config.ts';
import { storeConformance } from './store-conformance.ts';

/**
 * The same suite on real buckets, but only on those that are named for it: credentials that happen to be in an environment must never be enough.
 * Everything is written below one random prefix and deleted afterwards.
 */
const { env } = process;
const [region = usualRegion, endpoint, serviceAccountJson] = [env['AWS_REGION'], env['AWS_ENDPOINT_URL_S3'], env['GCS_SERVICE_ACCOUNT_JSON']];

const clouds: { title: string; variable: string; config: (location: string) => StoreConfig }[] = [
  {
    title: 'a real S3 bucket',
    variable: 'SAFELIGHT_TEST_S3_BUCKET',
    config: (location) => ({
      provider: 's3',
      executionTarget: 'cloud',
      location,
      region,
      ...(endpoint !== undefined && { endpoint }),
    }),
  },
  {
    title: 'a real Azure container',
    variable: 'SAFELIGHT_TEST_AZURE_CONTAINER',
    config: (location) => ({ provider: 'azure', executionTarget: 'cloud', location, connectionString: env['AZURE_STORAGE_CONNECTION_STRING'] ?? '' }),
  },
  {
    title: 'a real Google bucket',
    variable: 'SAFELIGHT_TEST_GCS_BUCKET',
    config: (location) => ({ provider: 'gcs', executionTarget: 'cloud', location, ...(serviceAccountJson !== undefined && { serviceAccountJson }) }),
  },
];

for (const { title, variable, config } of clouds) {
  const location = env[variable];
  describe.skipIf(location === undefined)(location === undefined ? `${title} (skipped: ${variable} names none)` : title, () => {
    storeConformance(title, () => openStore(config(location ?? '')));
  });
}
