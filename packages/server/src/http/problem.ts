import { errorCodes, type ErrorCode, type Problem } from '@safelight/contract/errors';

import { passesByItself } from '../lib/database.ts';
import { SafelightError } from '../lib/errors.ts';

export type ProblemAnswer = { status: number; headers: Record<string, string>; body: Problem };

/** Turns any error into a problem. An unexpected error reveals nothing about the internals; the log has it under the same request id. */
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
 * The log level of an error: a refusal is normal (info), an unavailable part (503) comes back or is noticed by its own checks (warn), and what does
 * not go away by itself needs somebody's attention (error).
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

/** Some Node APIs throw their own error when aborted; the reason for the abort is what matters. */
const reasonOf = (error: unknown): unknown =>
  error instanceof Error && error.name === 'AbortError' && error.cause instanceof SafelightError ? error.cause : error;

function answer(code: ErrorCode, detail: string, requestId: string, headers: Record<string, string>, errors?: Problem['errors']): ProblemAnswer {
  const { status, title, retryable } = errorCodes[code];
  return {
    status,
    // Without this header caches may keep a 404 or 410 for ever, but deleted media can be restored.
    headers: { 'cache-control': 'no-store', ...(retryable && status === 503 ? { 'retry-after': '2' } : {}), ...headers },
    body: { type: `https://safelight.dev/problems/${code}`, title, status, code, detail, requestId, ...(errors === undefined ? {} : { errors }) },
  };
}

/** Words for what the framework refuses before our code runs. */
function frameworkRefusal(error: unknown): { code: ErrorCode; detail: string; status?: number } | null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  switch (code) {
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return {
        code: 'unsupported_type',
        detail: 'This operation does not accept that Content-Type. Send application/json, or multipart/form-data to upload a file.',
      };
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return { code: 'file_too_large', detail: 'The JSON body is larger than 1 MB, the most that is accepted. Send less in one request.' };
    case 'FST_ERR_CTP_EMPTY_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_JSON_BODY':
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return { code: 'invalid_request', detail: 'The body is not valid JSON. Correct its syntax and send it again.' };
    case 'FST_ERR_BAD_URL':
      return { code: 'invalid_request', detail: 'The URL is not valid. Percent-encode the special characters in it.' };
    default:
      if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') return null;
      if (error.statusCode < 400 || error.statusCode >= 500) return null;
      // Every other error of the framework is a refusal too, not a fault of ours; its message is for programmers and repeats the request.
      return error instanceof SyntaxError
        ? { code: 'invalid_request', detail: 'The body is not valid JSON. Correct its syntax and send it again.' }
        : { code: 'invalid_request', detail: 'This request is malformed. Check its headers and its body.', status: error.statusCode };
  }
}
