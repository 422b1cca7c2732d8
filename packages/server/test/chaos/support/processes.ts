import { readFileSync, readdirSync } from 'node:fs';

/** A process; the start time distinguishes it from a later one with the same number. */
export type Process = { pid: number; parent: number; started: string; command: string };

/** Lists all processes (Linux only, like these suites). */
export function listProcesses(): Process[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      // The name in parentheses may contain anything; what follows it is plain.
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      if (fields[0] === 'Z') return [];
      return [
        {
          pid: Number(name),
          parent: Number(fields[1]),
          started: fields[19] ?? '',
          command: readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' '),
        },
      ];
    } catch {
      return [];
    }
  });
}

/** All descendants of a process. */
export function descendantsOf(pid: number, all = listProcesses()): Process[] {
  const children = all.filter(({ parent }) => parent === pid);
  return [...children, ...children.flatMap((child) => descendantsOf(child.pid, all))];
}

export const stillRunning = (known: Iterable<Process>): Process[] => {
  const now = new Map(listProcesses().map((process) => [process.pid, process]));
  return [...known].filter(({ pid, started }) => now.get(pid)?.started === started);
};

/** Kills like the kernel when memory runs out; false if the process was gone already. */
export function killHard(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}
