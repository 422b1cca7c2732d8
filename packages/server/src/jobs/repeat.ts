/**
 * Does the same again and again, with so long a pause between the end of one run and the next. Answers how to stop; that resolves when the
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
