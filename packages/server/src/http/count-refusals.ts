import type { Refused } from '../grants/note-refusals.ts';

export type CountRefusal = { count(refused: Refused): void; close(): Promise<void> };

const flushMs = 1_000;
/** An attacker who guesses ids causes many refusals; those beyond this number are not recorded. */
const most = 2_000;

/** Collects refusals and writes them later, so that every refusal takes equally long: response times must not reveal which ids exist. */
export function openRefusalCount(write: (refused: (Refused & { count: number })[]) => Promise<void>): CountRefusal {
  let waiting = new Map<string, Refused & { count: number }>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> = Promise.resolve();
  const flush = (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const refused = [...waiting.values()];
    waiting = new Map();
    if (refused.length > 0) writing = writing.then(async () => await write(refused));
    return writing;
  };
  return {
    count(refused) {
      const key = JSON.stringify(refused);
      const known = waiting.get(key);
      if (known !== undefined) known.count += 1;
      else if (waiting.size < most) waiting.set(key, { ...refused, count: 1 });
      timer ??= setTimeout(() => void flush(), flushMs).unref();
    },
    close: flush,
  };
}
