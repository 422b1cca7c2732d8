import { IdempotencyStrategy, Storage, type Bucket, type File, type StorageOptions } from '@google-cloud/storage';
import { JWT } from 'google-auth-library';
import { SafelightError } from '../../lib/errors.ts';
import { patienceMs } from '../../lib/patience.ts';
import { assertKey } from '../assert-key.ts';
import { deadlineOf, withDeadline, type Carried } from '../with-deadline.ts';
import { gcsError } from './gcs-error.ts';
import type { GcsStoreConfig } from './gcs-store-config.ts';

/** One Google store, opened. */
export type GcsBucket = { storage: Storage; client: Bucket; bucket: string; endpoint: string; emulated: boolean; idleMs: number };

const scope = 'https://www.googleapis.com/auth/devstorage.read_write';

export function createGcsBucket({ location, serviceAccountJson, endpoint, idleTimeoutMs: idleMs = patienceMs.storeSilence }: GcsStoreConfig): GcsBucket {
  const options: StorageOptions = {
    timeout: idleMs,
    // Keys are fresh and conditions carry an id, so every request of ours may be retried.
    retryOptions: {
      autoRetry: true,
      maxRetries: 2,
      maxRetryDelay: 2,
      totalTimeout: (idleMs * 2) / 1_000,
      idempotencyStrategy: IdempotencyStrategy.RetryAlways,
    },
  };
  const account = serviceAccountJson === undefined ? null : serviceAccount(serviceAccountJson);
  if (account !== null) options.authClient = new JWT({ email: account.client_email, key: account.private_key, scopes: [scope] });
  if (endpoint !== undefined) options.apiEndpoint = endpoint;
  const storage = new Storage(options);
  // Signing reads the account's address from here, even when the client has it already.
  if (account !== null) storage.authClient.jsonContent = account;
  return { storage, client: storage.bucket(location), bucket: location, endpoint: storage.apiEndpoint, emulated: endpoint !== undefined, idleMs };
}

type ServiceAccount = { type: 'service_account'; client_email: string; private_key: string };

/** Accepts only a service account's key: other credential files may name commands and addresses, which the client would follow. */
function serviceAccount(json: string): ServiceAccount {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (error) {
    throw new SafelightError('storage_unavailable', 'GCS_SERVICE_ACCOUNT_JSON is not JSON. Give the whole content of the key file.', { cause: error });
  }
  if (isServiceAccount(parsed)) return parsed;
  throw new SafelightError(
    'storage_unavailable',
    'GCS_SERVICE_ACCOUNT_JSON is not the key of a service account (type, client_email, private_key). Create a JSON key for one.',
  );
}

const isServiceAccount = (value: unknown): value is ServiceAccount =>
  typeof value === 'object' &&
  value !== null &&
  'type' in value &&
  value.type === 'service_account' &&
  'client_email' in value &&
  typeof value.client_email === 'string' &&
  'private_key' in value &&
  typeof value.private_key === 'string';

/** For requests outside the client; an emulator needs none. */
export async function authorization({ storage, emulated }: GcsBucket, url: string): Promise<Record<string, string>> {
  return emulated ? {} : Object.fromEntries(await storage.authClient.getRequestHeaders(url));
}

export function fileOf({ client }: GcsBucket, key: string): File {
  assertKey(key);
  return client.file(key);
}

/**
 * Sends a request with a deadline that allows for its bytes, and translates its failure. `expected` may turn an error into a result. The client takes
 * no abort signal: an aborted call ends at once, and its request ends with the client's own timeout at the latest.
 */
export async function request<T>(
  bucket: GcsBucket,
  { signal, key, ...carried }: Carried & { signal?: AbortSignal | undefined; key?: string },
  send: (signal: AbortSignal) => Promise<T>,
  expected?: (error: unknown) => T | undefined,
): Promise<T> {
  try {
    return await withDeadline(deadlineOf(bucket.idleMs, carried), signal, (abortSignal) => unlessAborted(abortSignal, send(abortSignal)));
  } catch (error) {
    const result = signal?.aborted ? undefined : expected?.(error);
    if (result !== undefined) return result;
    throw gcsError(bucket, error, { signal, ...(key !== undefined && { key }) });
  }
}

async function unlessAborted<T>(signal: AbortSignal, sent: Promise<T>): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const stop = (): void => aborted.reject(signal.reason);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([sent, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
