import { setTimeout as delay } from 'node:timers/promises';

import { isAlive, treeProcesses } from './processes.ts';

const patienceMs = 5_000;

/** Ends every process that this one has started, with what they have started: first they are asked to. */
export async function endStarted(): Promise<void> {
  // Seen now: a database outlives the product that has started it, and is nobody's child then.
  const started = (await treeProcesses(process.pid)).map(({ pid }) => pid).filter((pid) => pid !== process.pid);
  for (const pid of started) tell(pid, 'SIGTERM');
  const until = performance.now() + patienceMs;
  while ((await livingOf(started)).length > 0 && performance.now() < until) await delay(50);
  for (const pid of await livingOf(started)) tell(pid, 'SIGKILL');
}

async function livingOf(pids: readonly number[]): Promise<number[]> {
  const alive = await Promise.all(pids.map(isAlive));
  return pids.filter((_, index) => alive[index]);
}

function tell(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended meanwhile.
  }
}
