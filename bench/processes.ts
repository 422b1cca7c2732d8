import { readdir, readFile } from 'node:fs/promises';

/** Linux counts in hundredths of a second on every architecture that Node supports. */
const tickMs = 10;
const pageBytes = 4096;

type Stat = { pid: number; parent: number; hasEnded: boolean; ownTicks: number; reapedTicks: number; residentPages: number };

async function statOf(pid: number): Promise<Stat | null> {
  try {
    const text = await readFile(`/proc/${pid}/stat`, 'latin1');
    // The name of the command is in parentheses and may contain anything.
    const fields = text.slice(text.lastIndexOf(') ') + 2).split(' ');
    const field = (number: number): number => Number(fields[number - 3]);
    return {
      pid,
      parent: field(4),
      hasEnded: fields[0] === 'Z',
      ownTicks: field(14) + field(15),
      reapedTicks: field(16) + field(17),
      residentPages: field(24),
    };
  } catch {
    return null;
  }
}

async function treeOf(root: number): Promise<Stat[]> {
  const names = await readdir('/proc');
  const all = (await Promise.all(names.filter((name) => /^\d+$/.test(name)).map((name) => statOf(Number(name))))).filter((stat) => stat !== null);
  const inTree = new Set([root]);
  for (let before = 0; before < inTree.size;) {
    before = inTree.size;
    for (const { pid, parent } of all) if (inTree.has(parent)) inTree.add(pid);
  }
  return all.filter(({ pid }) => inTree.has(pid));
}

/** Whether a process is there; one that only waits to be collected by its parent is not. */
export async function isAlive(pid: number): Promise<boolean> {
  return (await statOf(pid))?.hasEnded === false;
}

/** The CPU that one process has used, without its children. */
export async function cpuMs(pid: number): Promise<number> {
  return ((await statOf(pid))?.ownTicks ?? 0) * tickMs;
}

/** The CPU of a process and all its descendants, including those that have ended: a parent counts the children that it has waited for. */
export async function treeCpuMs(root: number): Promise<number> {
  return (await treeOf(root)).reduce((sum, { ownTicks, reapedTicks }) => sum + ownTicks + reapedTicks, 0) * tickMs;
}

/** A process and all its descendants, each with its command line. */
export async function treeProcesses(root: number): Promise<{ pid: number; command: string }[]> {
  const tree = await treeOf(root);
  return await Promise.all(
    tree.map(async ({ pid }) => ({ pid, command: (await readFile(`/proc/${pid}/cmdline`, 'latin1').catch(() => '')).replaceAll('\0', ' ') })),
  );
}

export async function residentMb(pid: number): Promise<number> {
  return ((await statOf(pid))?.residentPages ?? 0) * (pageBytes / 2 ** 20);
}

/** The memory of a process and all its descendants, with shared pages counted once. */
export async function treeMemoryMb(root: number): Promise<number> {
  const shares = await Promise.all(
    (await treeOf(root)).map(async ({ pid }) => {
      const rollup = await readFile(`/proc/${pid}/smaps_rollup`, 'latin1').catch(() => '');
      return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1] ?? 0);
    }),
  );
  return shares.reduce((sum, kilobytes) => sum + kilobytes, 0) / 1024;
}
