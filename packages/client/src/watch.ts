import type { EventHub } from './event-hub.ts';
import type { SafelightEvent } from './events.ts';
import { asProblem, type SafelightProblem } from './problem.ts';

export type Watch<Outcome> = {
  signal?: AbortSignal | undefined;
  /** Whether there may be something to see already. */
  isDue?: boolean | undefined;
  /** Whether an event is a reason to look. */
  isReason: (event: SafelightEvent) => boolean;
  /** What there is to see now; undefined while it goes on. `isTold` while a stream of events tells how far it is. */
  look: (signal: AbortSignal, isTold: boolean) => Promise<Outcome | undefined>;
  /** A fault that the next look may not meet again. */
  onTrouble?: ((problem: SafelightProblem) => void) | undefined;
};

/** How often to look: while an event stream is open, only as a floor; without one, soon at first and then less often. */
const pollMs = (isOpen: boolean, looks: number): number => (isOpen ? 10_000 : Math.min(1_500, 200 * 2 ** looks));

const isPassing = ({ code, status }: SafelightProblem): boolean => code === 'network_error' || status === 429 || status >= 500;

/**
 * Looks at something until it has an outcome. Events tell when to look; where no stream can be opened (a proxy that buffers, React
 * Native) it looks now and then instead. Rejects with a fault that does not pass, or with the signal's reason.
 */
export function watch<Outcome>(hub: EventHub, { signal, isDue = false, isReason, look, onTrouble }: Watch<Outcome>): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    let isOpen = false;
    let looks = 0;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let looking: AbortController | undefined;

    const end = (settle: () => void): void => {
      clearTimeout(timer);
      unsubscribe();
      signal?.removeEventListener('abort', onAbort);
      looking?.abort();
      settle();
    };
    const onAbort = (): void => end(() => reject(signal?.reason as Error));
    const lookLater = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => void lookNow(), pollMs(isOpen, looks));
      looks += 1;
    };
    /** A look that is under way is given up: it may have been answered before what caused this one. */
    const lookNow = async (): Promise<void> => {
      clearTimeout(timer);
      looking?.abort();
      const own = (looking = new AbortController());
      try {
        const outcome = await look(own.signal, isOpen);
        if (own.signal.aborted) return;
        if (outcome !== undefined) return end(() => resolve(outcome));
      } catch (error) {
        if (own.signal.aborted) return;
        const problem = asProblem(error);
        if (!isPassing(problem)) return end(() => reject(problem));
        onTrouble?.(problem);
      }
      lookLater();
    };

    const unsubscribe = hub.subscribe({
      onEvent: (event) => void (isReason(event) && lookNow()),
      onState: ({ state }) => {
        isOpen = state === 'open';
        // What happened before the stream was open is not in it.
        if (isOpen) void lookNow();
      },
    });
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
    else if (isDue) void lookNow();
    else if (!isOpen) lookLater();
  });
}
