import { errorCodes, type ErrorCode, type Problem } from '@safelight/contract/errors';

import { passesByItself } from '../lib/database.ts';
import { SafelightError } from '../lib/errors.ts';

export type ProblemAnswer = { status: number; headers: Record<string, string>; body: Problem };

/** Every refusal leaves through here. What was not thrown on purpose says nothing about the inside; the log has it under the same request id. */
export function problemOf(thrown: unknown, requestId: string): ProblemAnswer {
  const error = reasonOf(thrown);
  if (error instanceof SafelightError) {
    const refused = answer(error.code, error.detail, requestId, error.headers ?? {}, error.errors);
    return error.resetsAt === undefined ? refused : { ...refused, body: { ...refused.body, resetsAt: error.resetsAt } };
  }
  if (passesByItself(error))
    return answer('unavailable', 'The database cannot be reached, takes no writes or has too much to do at this moment. Try again shortly.', requestId, {});
  const fromFramework = frameworkRefusal(error);
  if (fromFramework !== null) {
    const { status = errorCodes[fromFramework.code].status } = fromFramework;
    const refusal = answer(fromFramework.code, fromFramework.detail, requestId, {});
    return { ...refusal, status, body: { ...refusal.body, status } };
  }
  return answer('internal', `Something went wrong on our side. It has been logged; please mention ${requestId} when you ask about it.`, requestId, {});
}

/**
 * How loudly the log tells of it: a refusal is everyday life, a part that is away (503) comes back or is missed by its own checks, and
 * whatever does not go away by itself is for somebody to look at.
 */
export function levelOf(thrown: unknown): 'info' | 'warn' | 'error' {
  const error = reasonOf(thrown);
  if (error instanceof SafelightError) {
    if (error.status < 500) return 'info';
    return error.status === 503 && error.retryable ? 'warn' : 'error';
  }
  if (passesByItself(error)) return 'warn';
  return frameworkRefusal(error) === null ? 'error' : 'info';
}

/** Some of Node's own calls throw an error of theirs where they were aborted; why they were is what matters. */
const reasonOf = (error: unknown): unknown =>
  error instanceof Error && error.name === 'AbortError' && error.cause instanceof SafelightError ? error.cause : error;

function answer(code: ErrorCode, detail: string, requestId: string, headers: Record<string, string>, errors?: Problem['errors']): ProblemAnswer {
  const { status, title, retryable } = errorCodes[code];
  return {
    status,
    // Caches may keep a 404 or 410 for ever when nothing is said; what was deleted can be restored.
    headers: { 'cache-control': 'no-store', ...(retryable && status === 503 ? { 'retry-after': '2' } : {}), ...headers },
    body: { type: `https://safelight.dev/problems/${code}`, title, status, code, detail, requestId, ...(errors === undefined ? {} : { errors }) },
  };
}

/** What the framework refuses before any of our code runs, in our words. */
function frameworkRefusal(error: unknown): { code: ErrorCode; detail: string; status?: number } | null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return { code: 'unsupported_type', detail: 'This content type is not taken here. Send application/json, or multipart/form-data to upload.' };
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return { code: 'file_too_large', detail: 'The JSON body is larger than 1 MB.' };
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return { code: 'invalid_request', detail: 'The body is not valid JSON.' };
    case 'FST_ERR_BAD_URL':
      return { code: 'invalid_request', detail: 'The URL is not valid.' };
    default:
      if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') return null;
      if (error.statusCode < 400 || error.statusCode >= 500) return null;
      // Whatever else it refuses is a refusal as well, and no fault of ours; its words are for programmers and repeat the request.
      return error instanceof SyntaxError
        ? { code: 'invalid_request', detail: 'The body is not valid JSON.' }
        : { code: 'invalid_request', detail: 'This request is not one that is taken here.', status: error.statusCode };
  }
}
