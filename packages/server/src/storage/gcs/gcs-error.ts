import { SafelightError } from '../../lib/errors.ts';
import { storageAway } from '../storage-away.ts';

type Context = { signal?: AbortSignal | undefined; key?: string };

/** A refusal of a request outside the client, with the name and message of the XML API; Google's other interfaces answer plain text. */
export function refusalOf(code: number, answer: string): Error {
  const reason = /<Code>([^<]*)<\/Code>/.exec(answer)?.[1] ?? '';
  const message = /<Message>([^<]*)<\/Message>/.exec(answer)?.[1] ?? answer.slice(0, 500);
  return Object.assign(new Error(message), { name: 'Refusal', code, reason });
}

/** Translates Google's error into a refusal that says what to do. Aborts and refusals pass unchanged. */
export function gcsError({ bucket }: { bucket: string }, error: unknown, { signal, key }: Context = {}): unknown {
  if (signal?.aborted) return signal.reason;
  if (error instanceof SafelightError) return error;
  const status = statusOf(error);
  const message = error instanceof Error ? error.message : String(error);
  const context = { bucket, key, gcs: status ?? message };
  const refuse = (sentence: string): SafelightError => storageAway(sentence, { cause: error, context });
  if (isMissingBucket(error)) return refuse(`The bucket "${bucket}" is not there. Create it, or correct its name.`);
  if (status === 401 || status === 403 || /invalid_grant|default credentials/i.test(message)) {
    return refuse(
      `The credentials are missing, wrong, or may not do this in the bucket "${bucket}". Check GCS_SERVICE_ACCOUNT_JSON and its roles, and this machine's clock.`,
    );
  }
  if (status === 416) return new SafelightError('invalid_request', 'The range begins past the end of the object.', { cause: error, context });
  if (status === 400 && /MD5|BadDigest/i.test(message)) {
    return new SafelightError('checksum_mismatch', 'The bytes were changed on their way to the storage provider. Try again.', { cause: error, context });
  }
  return refuse(`The bucket "${bucket}" cannot be reached or does not answer as it should (${status ?? message}). Try again in a moment.`);
}

/** The HTTP status, which the client stores in different places for different kinds of request; null when there was no answer. */
export function statusOf(error: unknown): number | null {
  if (!(error instanceof Error)) return null;
  for (const holder of [error, 'response' in error ? error.response : null]) {
    if (typeof holder !== 'object' || holder === null) continue;
    const said = 'code' in holder && Number.isInteger(Number(holder.code)) ? Number(holder.code) : 'status' in holder ? Number(holder.status) : NaN;
    if (said >= 100) return said;
  }
  return null;
}

export const reasonOf = (error: unknown): string | null =>
  error instanceof Error && 'reason' in error && typeof error.reason === 'string' ? error.reason : null;

/** Google answers a missing bucket and a missing object with the same status. */
const isMissingBucket = (error: unknown): boolean =>
  reasonOf(error) === 'NoSuchBucket' || (statusOf(error) === 404 && error instanceof Error && /bucket does not exist/i.test(error.message));

export const isMissingObject = (error: unknown): boolean => statusOf(error) === 404 && !isMissingBucket(error);
export const isConditionRefused = (error: unknown): boolean => statusOf(error) === 412;

/** For callers that know whose object it may be. */
export function rethrowCondition(error: unknown): undefined {
  if (isConditionRefused(error)) throw error;
}
