import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { HttpHandlerOptions } from '@smithy/types';
import { patienceMs } from '../../lib/patience.ts';
import { deadlineOf } from '../with-deadline.ts';
import type { S3StoreConfig } from './s3-store-config.ts';

/** One S3 store, opened. */
export type S3Bucket = { client: S3Client; bucket: string; idleMs: number };

/** Each body being read holds one connection, and slow readers are many. */
const maxSockets = 256;

export function openS3Bucket(config: S3StoreConfig): S3Bucket {
  const idleMs = config.idleTimeoutMs ?? patienceMs.storeSilence;
  const options: S3ClientConfig = {
    region: config.region,
    // The SDK's default signs a CRC of the (empty) body into presigned URLs, and many compatible providers refuse the header.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: patienceMs.storeConnect,
      requestTimeout: idleMs,
      // Without it the SDK only logs a warning and waits on.
      throwOnRequestTimeout: true,
      // It would end the body of a reader that takes its time; `guardBody` knows the difference.
      socketTimeout: 0,
      httpAgent: { keepAlive: true, maxSockets },
      httpsAgent: { keepAlive: true, maxSockets },
    },
  };
  if (config.endpoint !== undefined) options.endpoint = config.endpoint;
  if (config.pathStyle ?? config.endpoint !== undefined) options.forcePathStyle = true;
  if (config.credentials !== undefined) options.credentials = config.credentials;
  return { client: new S3Client(options), bucket: config.location, idleMs };
}

/** What every request carries: the caller's signal, and time enough for its own bytes. */
export function callOptions({ idleMs }: S3Bucket, signal: AbortSignal | undefined, bytes = 0): HttpHandlerOptions {
  signal?.throwIfAborted();
  return { requestTimeout: deadlineOf(idleMs, bytes), ...(signal && { abortSignal: signal }) };
}
