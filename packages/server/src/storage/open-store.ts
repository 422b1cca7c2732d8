import type { Store } from './store.ts';
import type { StoreConfig } from './store-config.ts';

/** Opens a store with its adapter. A provider's SDK is loaded only when one of its stores is configured: each costs start-up time and memory. */
export async function openStore(config: StoreConfig): Promise<Store> {
  switch (config.provider) {
    case 'filesystem':
      return (await import('./filesystem/open-filesystem-store.ts')).openFilesystemStore(config);
    case 'mocked':
      return (await import('./memory/open-memory-store.ts')).openMemoryStore(config);
    case 's3':
      return (await import('./s3/open-s3-store.ts')).openS3Store(config);
    case 'azure':
      return (await import('./azure/open-azure-store.ts')).openAzureStore(config);
    case 'gcs':
      return (await import('./gcs/open-gcs-store.ts')).openGcsStore(config);
    default:
      return config satisfies never;
  }
}
