import type { ProviderFailure } from '../generator.ts';
import { asCode, budgetUsedUp, busy, failureWithoutAnswer, field, firstPauseSeconds, notNow, notTaken, refused, retryAfterOf } from '../provider-failures.ts';

/**
 * What an error of the SDK says about the request; undefined where nobody can know what became of it: a timeout, a reset, and every 5xx
 * that is not the provider's own word that it is busy.
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

/** With an error object of its own in the answer it is the provider that speaks, and not something in between. */
const isTheirs = (error: unknown): boolean => typeof field(error, 'error') === 'object' && field(error, 'error') !== null;
