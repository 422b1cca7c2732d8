import { BlobServiceClient, StorageRetryPolicyType, StorageSharedKeyCredential, type BlockBlobClient, type ContainerClient } from '@azure/storage-blob';
import { patienceMs } from '../../lib/patience.ts';
import { assertKey } from '../assert-key.ts';
import { deadlineOf, withDeadline, type Carried } from '../with-deadline.ts';
import type { AzureStoreConfig } from './azure-store-config.ts';
import { azureError } from './azure-error.ts';

/** One Azure store, opened. */
export type AzureContainer = {
  client: ContainerClient;
  container: string;
  /** Signs URLs; null when the connection string has no account key. */
  signer: StorageSharedKeyCredential | null;
  idleMs: number;
};

export function createAzureContainer({ location, connectionString, idleTimeoutMs: idleMs = patienceMs.storeSilence }: AzureStoreConfig): AzureContainer {
  const service = BlobServiceClient.fromConnectionString(connectionString, {
    // The SDK's default first delay is four seconds.
    retryOptions: { retryPolicyType: StorageRetryPolicyType.EXPONENTIAL, maxTries: 3, retryDelayInMs: 100, maxRetryDelayInMs: 2_000 },
  });
  const signer = service.credential instanceof StorageSharedKeyCredential ? service.credential : null;
  return { client: service.getContainerClient(location), container: location, signer, idleMs };
}

export function blobOf({ client }: AzureContainer, key: string): BlockBlobClient {
  assertKey(key);
  return client.getBlockBlobClient(key);
}

/** Sends a request with a deadline that allows for its bytes, and translates its failure. `expected` may turn an error into a result. */
export async function request<T>(
  container: AzureContainer,
  { signal, key, ...carried }: Carried & { signal?: AbortSignal | undefined; key?: string },
  send: (signal: AbortSignal) => Promise<T>,
  expected?: (error: unknown) => T | undefined,
): Promise<T> {
  try {
    return await withDeadline(deadlineOf(container.idleMs, carried), signal, send);
  } catch (error) {
    const result = signal?.aborted ? undefined : expected?.(error);
    if (result !== undefined) return result;
    throw azureError(container, error, { signal, ...(key !== undefined && { key }) });
  }
}
