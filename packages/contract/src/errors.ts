/**
 * The one table of problem codes. Every refusal a client can see has exactly one of these codes; the HTTP status,
 * the title and whether trying again can help follow from it and are never chosen where the error is raised.
 */
export const errorCodes = {
  invalid_request: { status: 400, title: 'The request is not valid', retryable: false },
  unauthenticated: { status: 401, title: 'Sign in first', retryable: false },
  forbidden: { status: 403, title: 'You may not do this', retryable: false },
  not_found: { status: 404, title: 'Not found', retryable: false },
  gone: { status: 410, title: 'No longer here', retryable: false },
  empty_file: { status: 422, title: 'The file is empty', retryable: false },
  file_too_large: { status: 413, title: 'The file is too large', retryable: false },
  unsupported_type: { status: 415, title: 'This type of file is not accepted', retryable: false },
  type_mismatch: { status: 422, title: 'The file is not what it says it is', retryable: false },
  corrupt_media: { status: 422, title: 'The file is damaged', retryable: false },
  too_many_pixels: { status: 422, title: 'The picture has too many pixels', retryable: false },
  too_many_frames: { status: 422, title: 'The animation has too many frames', retryable: false },
  too_long: { status: 422, title: 'The recording is too long', retryable: false },
  too_small: { status: 422, title: 'The picture is too small', retryable: false },
  aspect_ratio_out_of_range: { status: 422, title: 'The picture is too narrow or too wide', retryable: false },
  unsupported_codec: { status: 422, title: 'This machine cannot decode the file', retryable: false },
  resource_limit: { status: 422, title: 'The file needs more time or memory than is allowed', retryable: false },
  malware_found: { status: 422, title: 'The file was refused by the malware scan', retryable: false },
  batch_too_large: { status: 413, title: 'Too many files at once', retryable: false },
  collection_full: { status: 409, title: 'The collection is full', retryable: false },
  quota_exceeded: { status: 409, title: 'The quota is used up', retryable: false },
  checksum_mismatch: { status: 422, title: 'The bytes do not match their checksum', retryable: true },
  upload_incomplete: { status: 409, title: 'The upload is not complete', retryable: true },
  upload_expired: { status: 410, title: 'The upload has expired', retryable: false },
  import_blocked: { status: 422, title: 'This address may not be imported', retryable: false },
  import_failed: { status: 502, title: 'The remote file could not be fetched', retryable: true },
  review_provider_disabled: { status: 409, title: 'No review provider is configured', retryable: true },
  cancelled: { status: 409, title: 'It was cancelled', retryable: true },
  provider_refused: { status: 422, title: 'The provider does not make this', retryable: false },
  provider_quota: { status: 503, title: 'The budget at the provider is used up', retryable: true },
  provider_failed: { status: 502, title: 'The provider could not make it', retryable: true },
  provider_timeout: { status: 504, title: 'The provider took too long', retryable: true },
  outcome_unknown: { status: 502, title: 'Nobody can tell what became of it', retryable: true },
  engine_missing: { status: 503, title: 'This machine has no program for video and audio', retryable: true },
  provider_disabled: { status: 409, title: 'This provider is not available here', retryable: false },
  precondition_required: { status: 428, title: 'Say which version you mean', retryable: false },
  precondition_failed: { status: 412, title: 'Somebody else changed it first', retryable: false },
  idempotency_conflict: { status: 409, title: 'This Idempotency-Key is in use', retryable: true },
  idempotency_mismatch: { status: 422, title: 'This Idempotency-Key belongs to another request', retryable: false },
  download_limit_reached: { status: 403, title: 'All downloads are used', retryable: false },
  conflict: { status: 409, title: 'Not possible in the present state', retryable: false },
  rate_limited: { status: 429, title: 'Too many requests', retryable: true },
  storage_unavailable: { status: 503, title: 'Storage cannot be reached', retryable: true },
  unavailable: { status: 503, title: 'Not ready to serve', retryable: true },
  internal: { status: 500, title: 'Something went wrong on our side', retryable: true },
} as const satisfies Record<string, { status: number; title: string; retryable: boolean }>;

export type ErrorCode = keyof typeof errorCodes;

/** One field that is wrong: where (a JSON pointer or form field name) and a sentence for a person. */
export type FieldProblem = { field: string; message: string };

/** RFC 9457 body of every refusal. `detail` is a sentence for a person: what was wrong, what is allowed, what to do. */
export type Problem = {
  type: string;
  title: string;
  status: number;
  code: ErrorCode;
  detail: string;
  requestId?: string;
  errors?: FieldProblem[];
  /** Of `quota_exceeded`, where the allowance returns by itself: when. */
  resetsAt?: string | null;
};

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === 'string' && Object.hasOwn(errorCodes, value);
}
