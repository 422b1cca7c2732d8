/** Lets work run while it is open. When it closes, running work is stopped, and started again from its beginning when it opens. */
export type Gate = {
  pass: <T>(work: (signal: AbortSignal) => Promise<T>) => Promise<T>;
};

export type PausableGate = Gate & { shut: () => void; open: () => void };

export function createGate(signal: AbortSignal): PausableGate {
  let shutting = new AbortController();
  let opened = Promise.resolve();
  let openAgain = (): void => undefined;
  const onAbort = (): void => {
    shutting.abort(signal.reason);
    openAgain();
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  return {
    shut() {
      if (shutting.signal.aborted) return;
      opened = new Promise((resolve) => (openAgain = resolve));
      shutting.abort(new Error('paused'));
    },
    open() {
      if (!shutting.signal.aborted || signal.aborted) return;
      shutting = new AbortController();
      openAgain();
    },
    async pass(work) {
      for (;;) {
        await opened;
        signal.throwIfAborted();
        const { signal: ended } = shutting;
        try {
          return await work(ended);
        } catch (error) {
          if (!ended.aborted || signal.aborted) throw error;
        }
      }
    },
  };
}
