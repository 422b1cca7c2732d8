import type { ProviderFailure } from '../generator.ts';
import { asCode, budgetUsedUp, busy, failureWithoutAnswer, field, firstPauseSeconds, notNow, notTaken, refused, retryAfterOf } from '../provider-failures.ts';

/**
 * What an SDK error says about the request; undefined when the outcome is unknown: a timeout, a reset, and every 5xx except the provider's own
 * statement that it is busy.
 */
export function failureOf(error: unknown): ProviderFailure | undefined {
  const status = field(error, 'status');
  if (typeof status !== 'number') return failureWithoutAnswer(error);
  const named = field(error, 'code');
  const code = typeof named === 'string' ? named : '';
  const told = { forOperator: `HTTP ${status}, code ${asCode(code)}` };
  if (code === 'moderation_blocked' || code === 'content_policy_violation') return refused();
  if (code === 'billing_hard_limit_reached' || code === 'insufficient_quota') return budgetUsedUp(told);
  if (status === 429 || (status === 503 && isTheirs(error))) return busy(retryAfterOf(field(error, 'headers')) ?? firstPauseSeconds, told);
  if (status === 401 || status === 403 || status === 404) return notNow(told);
  if (status < 500) return notTaken(told);
  return undefined;
}

/** An error object in the answer shows that the provider itself answered, not something in between. */
const isTheirs = (error: unknown): boolean => typeof field(error, 'error') === 'object' && field(error, 'error') !== null;
