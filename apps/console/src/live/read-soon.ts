/** Runs `read` once for all that is asked for within `waitMs`, never twice at a time, and once more for what was asked for meanwhile. */
export function readSoon(read: () => Promise<unknown>, waitMs: number): { ask: () => void; stop: () => void } {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isAsked = false;
  let isOver = false;
  const run = async (): Promise<void> => {
    isAsked = false;
    await read().catch(() => undefined);
    timer = undefined;
    if (isAsked) ask();
  };
  const ask = (): void => {
    isAsked = true;
    if (!isOver) timer ??= setTimeout(() => void run(), waitMs);
  };
  const stop = (): void => {
    isOver = true;
    clearTimeout(timer);
  };
  return { ask, stop };
}
