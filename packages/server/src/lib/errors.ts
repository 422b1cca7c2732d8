import { errorCodes, type ErrorCode, type FieldProblem } from '@safelight/contract/errors';

export type ErrorExtras = {
  /** The cause; logged, never sent. */
  cause?: unknown;
  /** One entry for each wrong field; sent. */
  errors?: FieldProblem[];
  /** Replaces `detail` in the log and in commands, when it names things that only the operator may know: stores, providers and their messages. */
  forOperator?: string;
  /** Facts for the log; never sent, so they may name keys and stores. */
  context?: Record<string, unknown>;
  /** Response headers that belong to the refusal, e.g. `Retry-After`. */
  headers?: Record<string, string>;
  /** Whether the same attempt may succeed later; by default as the code's table says. */
  retryable?: boolean;
  /** When a used-up quota is restored by itself; sent. */
  resetsAt?: string | null;
};

/**
 * The only error that domain code throws on purpose. `detail` is shown to people, `message` to operators: the same sentence, unless `forOperator` is
 * given. Everything else follows from `code`.
 */
export class SafelightError extends Error {
  readonly code: ErrorCode;
  readonly detail: string;
  readonly errors: FieldProblem[] | undefined;
  readonly context: Record<string, unknown> | undefined;
  readonly headers: Record<string, string> | undefined;
  readonly retryable: boolean;
  readonly resetsAt: string | null | undefined;

  constructor(code: ErrorCode, detail: string, extras: ErrorExtras = {}) {
    super(extras.forOperator ?? detail, extras.cause === undefined ? undefined : { cause: extras.cause });
    this.name = 'SafelightError';
    this.code = code;
    this.detail = detail;
    this.errors = extras.errors;
    this.context = extras.context;
    this.headers = extras.headers;
    this.resetsAt = extras.resetsAt;
    this.retryable = extras.retryable ?? errorCodes[code].retryable;
  }

  get status(): number {
    return errorCodes[this.code].status;
  }
}

export const notFound = (what: string): SafelightError => new SafelightError('not_found', `There is no such ${what}, or you may not see it.`);

/** The reason for which running work is aborted at a shutdown. Nobody is at fault, and another process, now or later, will do it. */
export const shuttingDown = (): SafelightError => new SafelightError('unavailable', 'The service is shutting down. Try again in a moment.');
