import type { ProviderFailure } from '../generator.ts';
import { budgetUsedUp, busy, failureWithoutAnswer, field, firstPauseSeconds, notNow, notTaken, retryAfterOf } from '../provider-failures.ts';

/**
 * What an SDK error says about the request; undefined when its outcome is unknown. The two halves of the API report errors differently: for pictures,
 * a 429 without a retry time means that the budget is used up; for videos that is a state of its own.
 */
export function failureOf(error: unknown, kind: 'image' | 'video'): ProviderFailure | undefined {
  const status = field(error, 'status');
  if (typeof status !== 'number') return failureWithoutAnswer(error);
  const said = saidBy(error);
  const told = { forOperator: `HTTP ${status}, ${said.name ?? 'no code'}` };
  if (status === 429 && kind === 'image' && said.pauseSeconds === null) return budgetUsedUp(told);
  if (status === 429 || (status === 503 && said.name !== null)) return busy(said.pauseSeconds ?? firstPauseSeconds, told);
  if (status === 401 || status === 403 || status === 404 || said.hasWrongKey) return notNow(told);
  if (status < 500) return notTaken(told);
  return undefined;
}

type Said = {
  /** An error code that only the provider uses; null when something in between answered. */ name: string | null;
  pauseSeconds: number | null;
  hasWrongKey: boolean;
};

function saidBy(error: unknown): Said {
  // For pictures the whole answer is text in the message, nested once more if it was not labelled as JSON.
  let body = innermost(field(error, 'error'));
  for (let text = field(error, 'message'), depth = 0; depth < 3; depth++) {
    const inner = innermost(parse(text));
    if (inner === undefined) break;
    body = inner;
    text = field(inner, 'message');
  }
  const names = [field(body, 'status'), field(body, 'code')].filter((name) => typeof name === 'string');
  const details = field(body, 'details');
  const all: unknown[] = Array.isArray(details) ? details : [];
  return {
    name: names.find((name) => /^[A-Za-z]+(_[A-Za-z]+)*$/.test(name)) ?? null,
    pauseSeconds: all.map((detail) => secondsOf(field(detail, 'retryDelay'))).find((seconds) => seconds !== null) ?? retryAfterOf(field(error, 'headers')),
    hasWrongKey: all.some((detail) => field(detail, 'reason') === 'API_KEY_INVALID'),
  };
}

function innermost(body: unknown): unknown {
  const error = field(body, 'error');
  return typeof error === 'object' && error !== null ? error : undefined;
}

function parse(text: unknown): unknown {
  if (typeof text !== 'string' || !text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const secondsOf = (delay: unknown): number | null => {
  const seconds = typeof delay === 'string' ? /^(\d+(?:\.\d+)?)s$/.exec(delay)?.[1] : undefined;
  return seconds === undefined ? null : Number(seconds);
};
