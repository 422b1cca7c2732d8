export type Lane = {
  /** Says that there may be new jobs. */
  wake(): void;
  /** Resolves when no more jobs are being claimed. */
  stop(): Promise<void>;
};

/**
 * Fills the free places of a lane: repeatedly until fewer jobs come than there are places, then whenever it is woken. `fill` returns whether there
 * may be more.
 */
export function runLane(options: { fill(): Promise<boolean>; onError(cause: unknown): void }): Lane {
  const stopping = new AbortController();
  let woken = false;
  let awake: (() => void) | undefined;
  const wake = (): void => {
    woken = true;
    awake?.();
  };
  const rest = async (): Promise<void> => {
    if (woken) return;
    await new Promise<void>((resolve) => (awake = resolve));
    awake = undefined;
  };
  const run = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      woken = false;
      let more = false;
      try {
        more = await options.fill();
      } catch (cause) {
        options.onError(cause);
      }
      if (!more && !stopping.signal.aborted) await rest();
    }
  };
  const done = run();
  return {
    wake,
    async stop() {
      stopping.abort();
      wake();
      await done;
    },
  };
}
