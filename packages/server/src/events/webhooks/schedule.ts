const schedule = [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400];
/** Within 20 % of the schedule, and such that its total exceeds three days in every case: an outage of a weekend loses nothing. */
const factor = { least: 0.96, most: 1.2 };
const mostSeconds = 86_400;

/** Seconds until the attempt at this step of the schedule; null when there is none left. `retryAfter` is the receiver's request. */
export function secondsUntil(step: number, options: { retryAfter: number | null; random?: () => number }): number | null {
  const seconds = schedule[step];
  if (seconds === undefined) return null;
  const spread = seconds * (factor.least + (factor.most - factor.least) * (options.random ?? Math.random)());
  return Math.max(spread, Math.min(options.retryAfter ?? 0, mostSeconds));
}

/** A number of seconds or a date; null when it is neither. */
export function readRetryAfter(value: string | undefined, now: Date): number | null {
  if (value === undefined) return null;
  if (/^\d{1,9}$/.test(value.trim())) return Number(value);
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, (at - now.getTime()) / 1000);
}
