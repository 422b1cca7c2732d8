import { S3ServiceException } from '@aws-sdk/client-s3';
import { SafelightError } from '../../lib/errors.ts';
import { storageAway } from '../storage-away.ts';
import type { S3Bucket } from './s3-bucket.ts';

type Context = { signal?: AbortSignal | undefined; key?: string };

/** Translates S3's error into a refusal that says what to do. Aborts and refusals pass unchanged. */
export function s3Error({ bucket }: S3Bucket, error: unknown, { signal, key }: Context = {}): unknown {
  if (signal?.aborted) return signal.reason;
  if (error instanceof SafelightError) return error;
  const code = errorName(error);
  const refuse = (sentence: string): SafelightError => storageAway(sentence, { cause: error, context: { bucket, key, s3: code } });
  switch (code) {
    case 'NoSuchBucket':
      return refuse(`The bucket "${bucket}" is not there. Create it, or correct its name.`);
    case 'AccessDenied':
    case 'Forbidden':
    case 'AllAccessDisabled':
      return refuse(`The credentials are wrong or may not do this in the bucket "${bucket}". Allow them to read, write, delete and list it.`);
    case 'InvalidAccessKeyId':
    case 'SignatureDoesNotMatch':
    case 'ExpiredToken':
    case 'InvalidToken':
    case 'CredentialsProviderError':
      return refuse(`The credentials for the bucket "${bucket}" are missing, wrong or expired. Check the access key and its secret.`);
    case 'RequestTimeTooSkewed':
      return refuse('The clock of this machine differs too much from that of the storage provider. Set it right.');
    case 'PermanentRedirect':
    case 'AuthorizationHeaderMalformed':
      return refuse(`The bucket "${bucket}" lies in another region. Set AWS_REGION to it.`);
    case 'InvalidRange':
      return new SafelightError('invalid_request', 'The range begins past the end of the object.', { cause: error, context: { bucket, key } });
    case 'KeyTooLongError':
      return new SafelightError('invalid_request', 'The object key is longer than the provider allows.', { cause: error, context: { bucket, key } });
    case 'EntityTooLarge':
      return new SafelightError('file_too_large', 'The object is larger than the provider allows.', { cause: error, context: { bucket, key } });
    case 'XAmzContentSHA256Mismatch':
    case 'BadDigest':
      return new SafelightError('checksum_mismatch', 'The bytes were changed on their way to the storage provider. Try again.', { cause: error });
    default:
      return refuse(`The bucket "${bucket}" cannot be reached or does not answer as it should (${code}). Try again in a moment.`);
  }
}

const knownRefusals = new Set([
  'AccessDenied',
  'AllAccessDisabled',
  'InvalidAccessKeyId',
  'SignatureDoesNotMatch',
  'ExpiredToken',
  'InvalidToken',
  'RequestTimeTooSkewed',
]);

/** The provider's error code; answers to HEAD have no body, so there the status stands in for it. */
export function errorName(error: unknown): string {
  if (error instanceof S3ServiceException) {
    // The answer to a refused HEAD has no body that could name the reason.
    if (error.$metadata.httpStatusCode === 403 && !knownRefusals.has(error.name)) return 'Forbidden';
    return error.name;
  }
  if (!(error instanceof Error)) return 'UnknownError';
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}

export const statusOf = (error: unknown): number | null => (error instanceof S3ServiceException ? (error.$metadata.httpStatusCode ?? null) : null);

export const isMissingObject = (error: unknown): boolean =>
  errorName(error) === 'NoSuchKey' || (statusOf(error) === 404 && errorName(error) !== 'NoSuchBucket' && errorName(error) !== 'NoSuchUpload');

/** For multipart requests. Ceph answers `NoSuchKey` for an upload that was completed. */
export const isUnknownUpload = (error: unknown): boolean => errorName(error) === 'NoSuchUpload' || errorName(error) === 'NoSuchKey';

/** The key is taken (412), or is being taken right now (409). */
export const isConditionRefused = (error: unknown): boolean =>
  statusOf(error) === 412 || errorName(error) === 'PreconditionFailed' || errorName(error) === 'ConditionalRequestConflict';
