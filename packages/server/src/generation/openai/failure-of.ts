import { ProviderFailure } from '../generator.ts';

/** These end before a byte of the request has left. */
const unsent = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);
const firstPauseSeconds = 5;
const notNow = 'Generation is not available now.';

/**
 * What an error of the SDK says about the request; undefined where nobody can know what became of it: a timeout, a reset, and every 5xx
 * that is not the provider's own word that it is busy. Texts of the provider may hold the prompt, so only codes are kept.
 */
export function failureOf(error: unknown): ProviderFailure | undefined {
  const status = field(error, 'status');
  const named = field(error, 'code');
  const code = typeof named === 'string' ? named : '';
  const told = { forOperator: `HTTP ${String(status)}, code ${code || 'none'}` };
  if (typeof status !== 'number') {
    if (!unsent.has(socketCodeOf(error))) return undefined;
    const forOperator = `not reachable: ${socketCodeOf(error)}`;
    return new ProviderFailure('provider_failed', notNow, { isBilled: false, againAfterSeconds: firstPauseSeconds, forOperator });
  }
  if (code === 'moderation_blocked' || code === 'content_policy_violation')
    return new ProviderFailure('provider_refused', 'The provider refused this request. Change the prompt or the pictures.', { isBilled: false });
  if (code === 'billing_hard_limit_reached' || code === 'insufficient_quota')
    return new ProviderFailure('provider_quota', 'The budget of this site at the provider is used up.', { isBilled: false, ...told });
  if (status === 429 || (status === 503 && isTheirs(error)))
    return new ProviderFailure('provider_failed', 'The provider is busy. Try again later.', { isBilled: false, againAfterSeconds: pauseOf(error), ...told });
  if (status === 401 || status === 403 || status === 404) return new ProviderFailure('provider_failed', notNow, { isBilled: false, ...told });
  if (status < 500) return new ProviderFailure('provider_failed', 'The provider does not take this request.', { isBilled: false, ...told });
  return undefined;
}

const field = (value: unknown, name: string): unknown => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined);

/** With an error object of its own in the answer it is the provider that speaks, and not something in between. */
const isTheirs = (error: unknown): boolean => typeof field(error, 'error') === 'object' && field(error, 'error') !== null;

function pauseOf(error: unknown): number {
  const headers = field(error, 'headers');
  const seconds = headers instanceof Headers ? Number(headers.get('retry-after') ?? Number.NaN) : Number.NaN;
  return Number.isFinite(seconds) ? Math.min(300, Math.max(1, seconds)) : firstPauseSeconds;
}

function socketCodeOf(error: unknown): string {
  for (let at: unknown = error, depth = 0; at !== undefined && at !== null && depth < 6; at = field(at, 'cause'), depth++) {
    const code = field(at, 'code');
    if (typeof code === 'string' && code !== '') return code;
  }
  return '';
}
