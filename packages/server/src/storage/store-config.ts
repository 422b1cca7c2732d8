import type { AzureStoreConfig } from './azure/azure-store-config.ts';
import type { FilesystemStoreConfig } from './filesystem/open-filesystem-store.ts';
import type { GcsStoreConfig } from './gcs/gcs-store-config.ts';
import type { MockedStoreConfig } from './memory/open-memory-store.ts';
import type { S3StoreConfig } from './s3/s3-store-config.ts';

/** What a store runs against. Part of the running configuration only: it is never written into a locator. */
export type ExecutionTarget = 'cloud' | 'emulator' | 'mocked';

/** A configured place for objects. Only remote providers declare their target: a file system has none, and a mocked store is always mocked. */
export type StoreConfig = S3StoreConfig | AzureStoreConfig | GcsStoreConfig | FilesystemStoreConfig | MockedStoreConfig;

/** `null` for a file system, which has no target. */
export function executionTarget(config: StoreConfig): ExecutionTarget | null {
  switch (config.provider) {
    case 's3':
    case 'azure':
    case 'gcs':
      return config.executionTarget;
    case 'mocked':
      return 'mocked';
    case 'filesystem':
      return null;
    default:
      return config satisfies never;
  }
}
