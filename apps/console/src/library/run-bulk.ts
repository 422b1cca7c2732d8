export type BulkFailure<Item> = { item: Item; problem: unknown };
export type BulkProgress<Item> = { done: number; total: number; failures: readonly BulkFailure<Item>[] };

const atOnce = 4;

/** Does the same to many, a few at once; one that fails stops no other. An abort lets those under way end and begins no more. */
export async function runBulk<Item>(
  items: readonly Item[],
  act: (item: Item) => Promise<unknown>,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (progress: BulkProgress<Item>) => void },
): Promise<{ done: Item[]; failures: BulkFailure<Item>[] }> {
  const done: Item[] = [];
  const failures: BulkFailure<Item>[] = [];
  const tell = (): void => onProgress({ done: done.length + failures.length, total: items.length, failures: [...failures] });
  const waiting = items.values();
  const work = async (): Promise<void> => {
    for (const item of waiting) {
      if (signal.aborted) return;
      try {
        await act(item);
        done.push(item);
      } catch (problem) {
        failures.push({ item, problem });
      }
      tell();
    }
  };
  tell();
  await Promise.all(Array.from({ length: atOnce }, work));
  return { done, failures };
}
