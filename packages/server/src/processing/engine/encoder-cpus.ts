import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';

/**
 * The processors for a program that works for minutes: all that this process may use but one, which is left to those who answer meanwhile. A low priority alone
 * does not do that: a program that has a processor keeps it for some milliseconds, whoever waits. `list` is as `taskset` reads it.
 */
export type EncoderCpus = { list: string; count: number };

/** Several containers of a machine may see the same processors, so each draws the one that it leaves. */
const drawn = randomInt(2 ** 30);

/**
 * Read for each program, because an orchestrator may give this process other processors while it runs. Null where there is only one, or where the system does not
 * tell (anything but Linux).
 */
export function encoderCpus(): EncoderCpus | null {
  try {
    return allButOne(cpusIn(/^Cpus_allowed_list:\s*([\d,-]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? ''), drawn);
  } catch {
    return null;
  }
}

export function allButOne(cpus: readonly number[], nth: number): EncoderCpus | null {
  if (cpus.length < 2) return null;
  const left = nth % cpus.length;
  return { list: cpus.filter((_, index) => index !== left).join(','), count: cpus.length - 1 };
}

/** The numbers in a list such as `0-3,8`. */
export function cpusIn(list: string): number[] {
  return list
    .split(',')
    .filter((range) => range !== '')
    .flatMap((range) => {
      const [first = 0, last = first] = range.split('-').map(Number);
      return Array.from({ length: last - first + 1 }, (_, index) => first + index);
    });
}
