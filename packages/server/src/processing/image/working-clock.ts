export type WorkingClock = { pause(): void; resume(): void; stop(): void };

/** A deadline on working time: it pauses while the decoder waits for somebody else. */
export function startWorkingClock(totalMs: number, onElapsed: () => void): WorkingClock {
  let left = totalMs;
  let since = performance.now();
  let timer: NodeJS.Timeout | null = setTimeout(onElapsed, left);
  let isStopped = false;
  const pause = (): void => {
    if (timer === null) return;
    clearTimeout(timer);
    timer = null;
    left -= performance.now() - since;
  };
  return {
    pause,
    resume() {
      if (timer !== null || isStopped) return;
      since = performance.now();
      timer = setTimeout(onElapsed, Math.max(0, left));
    },
    stop() {
      pause();
      isStopped = true;
    },
  };
}
