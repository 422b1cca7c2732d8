import path from 'node:path';

import { storeName } from '../storage/locator.ts';
import type { StoreConfig } from '../storage/store-config.ts';
import type { StoreRoles } from '../storage/stores.ts';
import type { ReadSetting } from './read-settings.ts';
import type { Environment } from './setting-types.ts';

type Needed = 'S3_BUCKET' | 'AZURE_STORAGE_CONNECTION_STRING' | 'AZURE_STORAGE_CONTAINER' | 'GCS_BUCKET';
type Where = { isChosen: boolean; dataDir: string; environment: Environment; problems: string[] };

/** The store for new objects. `isChosen`: SAFELIGHT_STORAGE is set; if it is not, only a Google Cloud bucket selects a store by itself. */
export function readStorage(read: ReadSetting, { isChosen, dataDir, environment, problems }: Where): { stores: StoreConfig[]; roles: StoreRoles } {
  const chosen = isChosen || read('GCS_BUCKET') === null ? read('SAFELIGHT_STORAGE') : 'gcs';
  const executionTarget = read('SAFELIGHT_STORAGE_TARGET');
  const required = (name: Needed): string => {
    const value = read(name);
    if (value === null) problems.push(`${name} is needed when SAFELIGHT_STORAGE is ${chosen}.`);
    return value ?? '';
  };
  switch (chosen) {
    case 'filesystem': {
      const store: StoreConfig = { provider: 'filesystem', location: 'objects', root: path.join(dataDir, 'objects') };
      return oneStore(store);
    }
    case 'mocked': {
      const store: StoreConfig = { provider: 'mocked', location: `memory-${environment.name}` };
      return oneStore(store);
    }
    case 's3': {
      const endpoint = read('AWS_ENDPOINT_URL_S3');
      const shared = { provider: 's3', executionTarget, region: read('AWS_REGION'), ...(endpoint === null ? {} : { endpoint }) } as const;
      const final: StoreConfig = { ...shared, location: required('S3_BUCKET') };
      const stagingBucket = read('S3_STAGING_BUCKET');
      const staging: StoreConfig = stagingBucket === null || stagingBucket === final.location ? final : { ...shared, location: stagingBucket };
      return { stores: staging === final ? [final] : [staging, final], roles: { staging: storeName(staging), final: storeName(final) } };
    }
    case 'azure': {
      const store: StoreConfig = {
        provider: 'azure',
        executionTarget,
        connectionString: required('AZURE_STORAGE_CONNECTION_STRING'),
        location: required('AZURE_STORAGE_CONTAINER'),
      };
      return oneStore(store);
    }
    case 'gcs': {
      const serviceAccountJson = read('GCS_SERVICE_ACCOUNT_JSON');
      const endpoint = executionTarget === 'emulator' ? read('GCS_ENDPOINT_URL') : null;
      const store: StoreConfig = {
        provider: 'gcs',
        executionTarget,
        location: required('GCS_BUCKET'),
        ...(serviceAccountJson === null ? {} : { serviceAccountJson }),
        ...(endpoint === null ? {} : { endpoint }),
      };
      return oneStore(store);
    }
    default:
      return chosen satisfies never;
  }
}

const oneStore = (store: StoreConfig) => ({ stores: [store], roles: { staging: storeName(store), final: storeName(store) } });
