export type ErrorFacts = { status: number; title: string; retryable: boolean };

const facts = (status: number, title: string, retryable: boolean): ErrorFacts => ({ status, title, retryable });

/** Every error code that a client can receive. */
export type ErrorCode =
  | 'invalid_request'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'gone'
  | 'empty_file'
  | 'file_too_large'
  | 'unsupported_type'
  | 'type_mismatch'
  | 'corrupt_media'
  | 'too_many_pixels'
  | 'too_many_frames'
  | 'too_long'
  | 'too_small'
  | 'aspect_ratio_out_of_range'
  | 'unsupported_codec'
  | 'resource_limit'
  | 'malware_found'
  | 'batch_too_large'
  | 'collection_full'
  | 'quota_exceeded'
  | 'checksum_mismatch'
  | 'upload_incomplete'
  | 'upload_expired'
  | 'import_blocked'
  | 'import_failed'
  | 'review_provider_disabled'
  | 'cancelled'
  | 'provider_refused'
  | 'provider_quota'
  | 'provider_failed'
  | 'provider_timeout'
  | 'outcome_unknown'
  | 'engine_missing'
  | 'provider_disabled'
  | 'precondition_required'
  | 'precondition_failed'
  | 'idempotency_conflict'
  | 'idempotency_mismatch'
  | 'download_limit_reached'
  | 'conflict'
  | 'rate_limited'
  | 'storage_unavailable'
  | 'unavailable'
  | 'internal';

// The code determines the status, the title and whether a retry can help; the place that raises the error does not choose them.
export const errorCodes: Record<ErrorCode, ErrorFacts> = {
  invalid_request: facts(400, 'The request is not valid', false),
  unauthenticated: facts(401, 'Sign in first', false),
  forbidden: facts(403, 'You may not do this', false),
  not_found: facts(404, 'Not found', false),
  gone: facts(410, 'No longer here', false),
  empty_file: facts(422, 'The file is empty', false),
  file_too_large: facts(413, 'The file is too large', false),
  unsupported_type: facts(415, 'This type of file is not accepted', false),
  type_mismatch: facts(422, 'The file is not what it says it is', false),
  corrupt_media: facts(422, 'The file is damaged', false),
  too_many_pixels: facts(422, 'The picture has too many pixels', false),
  too_many_frames: facts(422, 'The animation has too many frames', false),
  too_long: facts(422, 'The recording is too long', false),
  too_small: facts(422, 'The picture is too small', false),
  aspect_ratio_out_of_range: facts(422, 'The picture is too narrow or too wide', false),
  unsupported_codec: facts(422, 'This machine cannot decode the file', false),
  resource_limit: facts(422, 'The file needs more time or memory than is allowed', false),
  malware_found: facts(422, 'The file was refused by the malware scan', false),
  batch_too_large: facts(413, 'Too many files at once', false),
  collection_full: facts(409, 'The collection is full', false),
  quota_exceeded: facts(409, 'The quota is used up', false),
  checksum_mismatch: facts(422, 'The bytes do not match their checksum', true),
  upload_incomplete: facts(409, 'The upload is not complete', true),
  upload_expired: facts(410, 'The upload has expired', false),
  import_blocked: facts(422, 'This address may not be imported', false),
  import_failed: facts(502, 'The remote file could not be fetched', true),
  review_provider_disabled: facts(409, 'No review provider is configured', true),
  cancelled: facts(409, 'It was cancelled', true),
  provider_refused: facts(422, 'The provider refused to make this', false),
  provider_quota: facts(503, 'The budget at the provider is used up', true),
  provider_failed: facts(502, 'The provider could not make it', true),
  provider_timeout: facts(504, 'The provider took too long', true),
  outcome_unknown: facts(502, 'The outcome is unknown', true),
  engine_missing: facts(503, 'This machine has no program for video and audio', true),
  provider_disabled: facts(409, 'This provider is not available here', false),
  precondition_required: facts(428, 'Say which version you mean', false),
  precondition_failed: facts(412, 'Somebody else changed it first', false),
  idempotency_conflict: facts(409, 'This Idempotency-Key is in use', true),
  idempotency_mismatch: facts(422, 'This Idempotency-Key belongs to another request', false),
  download_limit_reached: facts(403, 'All downloads are used', false),
  conflict: facts(409, 'Not possible in the present state', false),
  rate_limited: facts(429, 'Too many requests', true),
  storage_unavailable: facts(503, 'Storage cannot be reached', true),
  unavailable: facts(503, 'Not ready to serve', true),
  internal: facts(500, 'Something went wrong on our side', true),
};

export const errorCodeNames = Object.keys(errorCodes) as [ErrorCode, ...ErrorCode[]];

/** One invalid field: its path (a JSON pointer or form field name) and a sentence for people. */
export type FieldProblem = { field: string; message: string };

/** The body of every error (RFC 9457). `detail` is a sentence for people: what was wrong, what is allowed, what to do. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  code: ErrorCode;
  detail: string;
  requestId?: string;
  errors?: FieldProblem[];
  /** For `quota_exceeded`: when the allowance resets, if it does so by itself. */
  resetsAt?: string | null;
};

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorCodes, value);
}
