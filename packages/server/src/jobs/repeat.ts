/**
 * Repeats the work, with this pause between the end of one run and the start of the next. Returns the function that stops it; that resolves when the
 * last run has ended.
 */
export function repeat(work: () => Promise<void>, everyMs: number, onError: (cause: unknown) => void): () => Promise<void> {
  let stopped = false;
  let timer: NodeJS.Timeout | undefined;
  let run: Promise<void> = Promise.resolve();
  const next = (): void => {
    if (stopped) return;
    timer = setTimeout(() => {
      run = work().catch(onError).finally(next);
    }, everyMs);
  };
  next();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await run;
  };
}
