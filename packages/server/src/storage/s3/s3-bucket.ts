import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { HttpHandlerOptions } from '@smithy/types';
import { patienceMs } from '../../lib/patience.ts';
import { deadlineOf, type Carried } from '../with-deadline.ts';
import type { S3StoreConfig } from './s3-store-config.ts';

/** One S3 store, opened. */
export type S3Bucket = { client: S3Client; bucket: string; idleMs: number };

/** Each body being read holds one connection, and there are many slow readers. */
const maxSockets = 256;

export function openS3Bucket(config: S3StoreConfig): S3Bucket {
  const idleMs = config.idleTimeoutMs ?? patienceMs.storeSilence;
  const options: S3ClientConfig = {
    region: config.region,
    // By default the SDK signs a CRC of the (empty) body into presigned URLs, and many compatible providers refuse that header.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    requestHandler: {
      connectionTimeout: patienceMs.storeConnect,
      requestTimeout: idleMs,
      // Otherwise the SDK only logs a warning and keeps waiting.
      throwOnRequestTimeout: true,
      // A socket timeout would end the body of a slow reader; `guardBody` can tell the difference.
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

/** The options of every request: the caller's signal, and a timeout that allows for its bytes. */
export function callOptions({ idleMs }: S3Bucket, signal: AbortSignal | undefined, carried: Carried = {}): HttpHandlerOptions {
  signal?.throwIfAborted();
  return { requestTimeout: deadlineOf(idleMs, carried), ...(signal && { abortSignal: signal }) };
}
