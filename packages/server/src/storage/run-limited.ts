/**
 * Runs a task for each item, `atOnce` at a time. The first failure keeps the remaining ones from starting and is thrown once the running ones have
 * ended.
 */
export async function runLimited<T>(items: readonly T[], atOnce: number, task: (item: T, index: number) => Promise<void>): Promise<void> {
  let next = 0;
  let failure: { error: unknown } | null = null;
  const runner = async (): Promise<void> => {
    while (next < items.length && failure === null) {
      const index = next;
      next += 1;
      const item = items[index] as T; // index < items.length
      try {
        await task(item, index);
      } catch (error) {
        failure ??= { error };
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, runner));
  if (failure !== null) throw (failure as { error: unknown }).error;
}
