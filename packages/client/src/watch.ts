import type { EventHub } from './event-hub.ts';
import type { SafelightEvent } from './events.ts';
import { asProblem, type SafelightProblem } from './problem.ts';

export type Watch<Outcome> = {
  signal?: AbortSignal | undefined;
  /** Whether there may already be an outcome. */
  isDue?: boolean | undefined;
  /** Whether an event is a reason to check. */
  isReason: (event: SafelightEvent) => boolean;
  /** Reads the outcome; undefined while there is none. `isTold` is true while an event stream reports the progress. */
  look: (signal: AbortSignal, isTold: boolean) => Promise<Outcome | undefined>;
  /** Called with an error that may be temporary. */
  onTrouble?: ((problem: SafelightProblem) => void) | undefined;
};

/** How often to check: with an open event stream rarely, as a safety net; without one, often at first and then less often. */
const pollMs = (isOpen: boolean, looks: number): number => (isOpen ? 10_000 : Math.min(1_500, 200 * 2 ** looks));

const isPassing = ({ code, status }: SafelightProblem): boolean => code === 'network_error' || status === 429 || status >= 500;

/**
 * Checks something until it has an outcome. Events say when to check; if no stream can be opened (a buffering proxy, React
 * Native), it polls instead. Rejects with an error that is not temporary, or with the signal's reason.
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
    /** Aborts a running check: it may have been answered before the event that caused this one. */
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
        // The stream does not contain what happened before it was open.
        if (isOpen) void lookNow();
      },
    });
    signal?.addEventListener('abort', onAbort, { once: true });
    if (signal?.aborted) onAbort();
    else if (isDue) void lookNow();
    else if (!isOpen) lookLater();
  });
}
