import { readFileSync, readdirSync } from 'node:fs';

/** A process, told apart from a later one under the same number by when it started. */
export type Process = { pid: number; parent: number; started: string; command: string };

/** Every process there is (Linux only, as these suites are). */
export function listProcesses(): Process[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      // The name in parentheses may hold anything; what follows it is plain.
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

/** What descends from a process, at any distance. */
export function descendantsOf(pid: number, all = listProcesses()): Process[] {
  const children = all.filter(({ parent }) => parent === pid);
  return [...children, ...children.flatMap((child) => descendantsOf(child.pid, all))];
}

export const stillRunning = (known: Iterable<Process>): Process[] => {
  const now = new Map(listProcesses().map((process) => [process.pid, process]));
  return [...known].filter(({ pid, started }) => now.get(pid)?.started === started);
};

/** As the kernel does when memory runs out; false when it was gone already. */
export function killHard(pid: number): boolean {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
}
