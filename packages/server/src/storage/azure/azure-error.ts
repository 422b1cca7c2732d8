import { RestError } from '@azure/storage-blob';
import { SafelightError } from '../../lib/errors.ts';
import { storageAway } from '../storage-away.ts';

type Context = { signal?: AbortSignal | undefined; key?: string };

/** Translates Azure's error into a refusal that says what to do. Aborts and refusals pass unchanged. */
export function azureError({ container }: { container: string }, error: unknown, { signal, key }: Context = {}): unknown {
  if (signal?.aborted) return signal.reason;
  if (error instanceof SafelightError) return error;
  const code = azureCode(error);
  const context = { container, key, azure: code };
  const refuse = (sentence: string): SafelightError => storageAway(sentence, { cause: error, context });
  switch (code) {
    case 'ContainerNotFound':
    case 'ContainerBeingDeleted':
    case 'ContainerDisabled':
      return refuse(`The container "${container}" is not there. Create it, or correct its name.`);
    case 'AuthenticationFailed':
    case 'InvalidAuthenticationInfo':
    case 'AuthorizationFailure':
    case 'AuthorizationPermissionMismatch':
    case 'InsufficientAccountPermissions':
      return refuse(
        `The credentials are wrong, expired, or may not do this in the container "${container}". Check AZURE_STORAGE_CONNECTION_STRING and this machine's clock.`,
      );
    case 'InvalidRange':
      return new SafelightError('invalid_request', 'The range begins past the end of the object.', { cause: error, context });
    case 'RequestBodyTooLarge':
      return new SafelightError('file_too_large', 'The object is larger than the provider allows.', { cause: error, context });
    case 'Md5Mismatch':
      return new SafelightError('checksum_mismatch', 'The bytes were changed on their way to the storage provider. Try again.', { cause: error, context });
    default:
      return refuse(`The container "${container}" cannot be reached or does not answer as it should (${code}). Try again in a moment.`);
  }
}

/** Azure's error code, which answers to HEAD carry as well. */
export function azureCode(error: unknown): string {
  if (error instanceof RestError) {
    const header = error.response?.headers.get('x-ms-error-code');
    return header ?? error.code ?? String(error.statusCode ?? error.name);
  }
  return error instanceof Error ? error.name : 'UnknownError';
}

export const isMissingBlob = (error: unknown): boolean =>
  azureCode(error) === 'BlobNotFound' || (error instanceof RestError && error.statusCode === 404 && !azureCode(error).startsWith('Container'));

export const isConditionRefused = (error: unknown): boolean => azureCode(error) === 'BlobAlreadyExists' || azureCode(error) === 'ConditionNotMet';

/** For callers that know whose object it may be. */
export function rethrowCondition(error: unknown): undefined {
  if (isConditionRefused(error)) throw error;
}
