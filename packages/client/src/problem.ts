import { errorCodes, isErrorCode, type ErrorCode, type FieldProblem } from '@safelight/contract/errors';

/** A code of the server, `network_error` when no answer came at all, or `file_unreadable` when the device can no longer read the file. */
export type ProblemCode = ErrorCode | 'network_error' | 'file_unreadable';

type ProblemFields = {
  code: ProblemCode;
  status: number;
  title: string;
  detail: string;
  errors?: FieldProblem[];
  requestId?: string | undefined;
  /** How long the server asked us to wait before another attempt. */
  retryAfterMs?: number | undefined;
  /** Set if the failure says so itself; otherwise the code decides. */
  retryable?: boolean;
};

/**
 * Any error except an abort, which keeps its own reason. `detail` is for people, `code` for programs, `requestId`
 * to find it in the server's log.
 */
export class SafelightProblem extends Error {
  override readonly name = 'SafelightProblem';
  readonly code: ProblemCode;
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly title: string;
  readonly errors: readonly FieldProblem[];
  readonly requestId: string | undefined;
  readonly retryAfterMs: number | undefined;
  /** Whether trying again later, without a change, may succeed. */
  readonly retryable: boolean;

  constructor(fields: ProblemFields, options?: ErrorOptions) {
    super(fields.detail, options);
    this.code = fields.code;
    this.status = fields.status;
    this.title = fields.title;
    this.errors = fields.errors ?? [];
    this.requestId = fields.requestId;
    this.retryAfterMs = fields.retryAfterMs;
    this.retryable = fields.retryable ?? (fields.code === 'network_error' || (fields.code !== 'file_unreadable' && errorCodes[fields.code].retryable));
  }

  get detail(): string {
    return this.message;
  }
}

/** @internal */
export function networkProblem(url: string, cause: unknown): SafelightProblem {
  // A page that uses its own origin has no base URL to name.
  const who = URL.canParse(url) ? new URL(url).origin : 'The server';
  const page = typeof location === 'undefined' ? who : location.origin;
  // A browser does not tell a page which of the two it was.
  const isForeign = URL.canParse(url) && page !== who && navigator.onLine;
  const detail = isForeign
    ? `${who} could not be reached, or does not let ${page} read its answers. Check the connection; if it works, allow ${page} in the CORS settings there.`
    : `${who} could not be reached. Check the connection and try again.`;
  return new SafelightProblem({ code: 'network_error', status: 0, title: 'No answer', detail }, { cause });
}

/**
 * Why an accepted file could not be made ready, taken from its record.
 * @internal
 */
export function failureProblem(failure: { code: string; message: string; retryable: boolean }): SafelightProblem {
  const code = isErrorCode(failure.code) ? failure.code : 'internal';
  const { status, title } = errorCodes[code];
  return new SafelightProblem({ code, status, title, detail: failure.message, retryable: failure.retryable });
}

/** Converts whatever was thrown into the one kind of error that callers have to handle. */
export function asProblem(error: unknown): SafelightProblem {
  if (error instanceof SafelightProblem) return error;
  const detail = error instanceof Error ? error.message : String(error);
  return new SafelightProblem({ code: 'internal', status: 0, title: 'Unexpected', detail }, { cause: error });
}

/**
 * A response in a form that both `fetch` and `XMLHttpRequest` can provide.
 * @internal
 */
export type RawAnswer = { status: number; header(name: string): string | null; text: string };

/**
 * Reads the problem from an error response, including that of a proxy in front of the server, which does not use its codes.
 * @internal
 */
export function problemOf(answer: RawAnswer): SafelightProblem {
  const body = parseObject(answer.text);
  const code = isErrorCode(body['code']) ? body['code'] : codeOfStatus(answer.status);
  const { title } = errorCodes[code];
  return new SafelightProblem({
    code,
    status: answer.status,
    title: stringOr(body['title'], title),
    detail: stringOr(body['detail'], `${title} (the server answered ${answer.status}).`),
    errors: Array.isArray(body['errors']) ? body['errors'].filter(isFieldProblem) : [],
    requestId: stringOr(body['requestId'], answer.header('x-request-id') ?? undefined),
    retryAfterMs: retryAfterMs(answer.header('retry-after')),
  });
}

/** `Retry-After` in milliseconds from now: seconds or an HTTP date (RFC 9110 §10.2.3); undefined if it is neither. */
function retryAfterMs(value: string | null, now = Date.now()): number | undefined {
  if (value === null || value.trim() === '') return undefined;
  if (/^\s*\d+\s*$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

function codeOfStatus(status: number): ErrorCode {
  if (status === 401) return 'unauthenticated';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not_found';
  if (status === 413) return 'file_too_large';
  if (status === 429) return 'rate_limited';
  if (status >= 502 && status <= 504) return 'unavailable';
  return status >= 500 ? 'internal' : 'invalid_request';
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

const stringOr = <Fallback>(value: unknown, fallback: Fallback): string | Fallback => (typeof value === 'string' && value !== '' ? value : fallback);

const isFieldProblem = (value: unknown): value is FieldProblem =>
  typeof value === 'object' && value !== null && 'field' in value && typeof value.field === 'string' && 'message' in value && typeof value.message === 'string';
