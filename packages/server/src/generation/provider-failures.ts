import { ProviderFailure } from './generator.ts';

/* Translates providers' errors. Their texts may contain the prompt or a key, so only codes are kept, for the operator; the owner reads what to do. */
type Told = { forOperator: string };

export const firstPauseSeconds = 5;

export const refused = (): ProviderFailure =>
  new ProviderFailure('provider_refused', 'The provider refused this request. Change the prompt or the pictures.', { isBilled: false });

export const budgetUsedUp = (told: Told): ProviderFailure =>
  new ProviderFailure('provider_quota', 'The budget of this site at the provider is used up.', { isBilled: false, ...told });

/** A provider that asks for a longer pause is not retried automatically. */
const mostPauseSeconds = 3600;

export const busy = (seconds: number, told: Told): ProviderFailure =>
  new ProviderFailure('provider_failed', 'The provider is busy. Try again later.', {
    isBilled: false,
    ...(seconds > mostPauseSeconds ? {} : { againAfterSeconds: Math.max(1, Math.ceil(seconds)) }),
    ...told,
  });

/** The `retry-after` header: seconds, or a date. */
export function retryAfterOf(headers: unknown): number | null {
  const value = headers instanceof Headers ? headers.get('retry-after') : null;
  if (value === null || value.trim() === '') return null;
  const seconds = Number(value);
  const pause = Number.isNaN(seconds) ? (Date.parse(value) - Date.now()) / 1000 : seconds;
  return Number.isNaN(pause) ? null : Math.max(0, pause);
}

export const notNow = (told: Told): ProviderFailure => new ProviderFailure('provider_failed', 'Generation is not available now.', { isBilled: false, ...told });

export const notTaken = (told: Told): ProviderFailure =>
  new ProviderFailure('provider_failed', 'The provider does not take this request.', { isBilled: false, ...told });

export const nothingCame = (forOperator = 'an answer without a result'): ProviderFailure =>
  new ProviderFailure('provider_failed', 'The provider answered without a result.', { isBilled: true, forOperator });

/** These errors occur before a byte of the request has left. */
export const unsent: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);

/** For an error without an answer: a failure raised by our own connection code, or proof that nothing was sent; otherwise undefined. */
export function failureWithoutAnswer(error: unknown): ProviderFailure | undefined {
  const causes = causesOf(error);
  const own = causes.find((cause) => cause instanceof ProviderFailure);
  if (own !== undefined) return own;
  const code = causes.map((cause) => field(cause, 'code')).find((named) => typeof named === 'string' && unsent.has(named));
  if (typeof code !== 'string') return undefined;
  return new ProviderFailure('provider_failed', 'Generation is not available now.', {
    isBilled: false,
    againAfterSeconds: firstPauseSeconds,
    forOperator: `not reachable: ${code}`,
  });
}

function causesOf(error: unknown): unknown[] {
  const causes: unknown[] = [];
  for (let at: unknown = error; at !== undefined && at !== null && causes.length < 6; at = field(at, 'cause')) causes.push(at);
  return causes;
}

export const field = (value: unknown, name: string): unknown => (typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined);

const mostUsageCharacters = 16_384;
/** What JSON can say and the database cannot hold: the zero character, and half of a surrogate pair. */
const unstorable = /\\u(?:0000|d[89a-f])/;

/** The usage in an answer, unchanged; empty when it cannot be stored, because the media that were paid for are worth more than its counts. */
export function usageIn(answer: unknown, name: string): Record<string, unknown> {
  const usage = field(answer, name);
  if (typeof usage !== 'object' || usage === null) return {};
  const text = JSON.stringify(usage);
  return text.length > mostUsageCharacters || unstorable.test(text) ? {} : { ...usage };
}

/** A provider's error code for the operator: a single word, or the last segment of an address. Any other text may repeat the request. */
export function asCode(text: string): string {
  const word = text.split('/').pop() ?? '';
  if (word === '') return 'none';
  return /^[A-Za-z_-]{1,64}$/.test(word) ? word : 'one that is no word';
}

/** A text field of an answer; empty when missing. */
export function textIn(value: unknown, name: string): string {
  const text = field(value, name);
  return typeof text === 'string' ? text : '';
}
