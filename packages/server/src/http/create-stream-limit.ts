import type { Actor } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';

/** How many event streams may be open at once in this process. */
export type StreamLimits = {
  /** Per end user, or per API key and the owner that it acts for. */
  perCaller: number;
  /** Per API key in total, whichever owners it acts for. */
  perKey: number;
};

/**
 * Reserves a stream for this caller and returns the function that releases it; `end` is called when the server gives up its remaining work. Throws
 * `rate_limited` when none is left.
 */
export type TakeStream = (actor: Actor, end: () => void) => () => void;

const retryAfterSeconds = '5';

/**
 * Counts the streams of each caller. A stream holds a socket for hours, so one client that opens them in a loop would leave none for the others.
 * Closing a stream makes room for another.
 */
export function createStreamLimit({ perCaller, perKey }: StreamLimits, closing: AbortSignal): TakeStream {
  const open = new Map<string, number>();
  const ends = new Set<() => void>();
  closing.addEventListener('abort', () => ends.forEach((end) => end()), { once: true });
  const change = (name: string, by: 1 | -1): void => {
    const left = (open.get(name) ?? 0) + by;
    if (left === 0) open.delete(name);
    else open.set(name, left);
  };
  return (actor, end) => {
    // JSON, because an id may contain any separator.
    const taken = [
      { name: JSON.stringify([actor.id, actor.keyId ?? null]), most: perCaller },
      ...(actor.keyId === undefined ? [] : [{ name: JSON.stringify([actor.keyId]), most: perKey }]),
    ];
    for (const { name, most } of taken) if ((open.get(name) ?? 0) >= most) throw tooMany(most);
    for (const { name } of taken) change(name, 1);
    ends.add(end);
    if (closing.aborted) end();
    return () => {
      if (!ends.delete(end)) return;
      for (const { name } of taken) change(name, -1);
    };
  };
}

const tooMany = (most: number): SafelightError =>
  new SafelightError(
    'rate_limited',
    `You may have ${most} ${most === 1 ? 'stream of events' : 'streams of events'} open at once, and you have. Close one, or follow several things in one stream.`,
    { headers: { 'retry-after': retryAfterSeconds } },
  );
