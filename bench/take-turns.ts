import { load } from './load.ts';
import { cpuMs, treeCpuMs } from './processes.ts';

export type Contender = { port: number; pid: number; expect: number; request(): readonly Buffer[] };

/**
 * Per request, in milliseconds: the time until the next could start with eight in progress, CPU of the server process, and CPU including its
 * descendants.
 */
export type Cost = { wall: number; own: number; all: number };

/**
 * Eight requests at once to one server after the other, again and again, so that other load affects all alike. Each contender first gets enough
 * requests to be compiled. Returns the costs of each contender, round by round.
 */
export async function takeTurns<Name extends string>(
  contenders: Record<Name, Contender>,
  options: { rounds: number; smoke: boolean },
): Promise<Record<Name, Cost[]>> {
  const names = Object.keys(contenders) as Name[];
  const costs = Object.fromEntries(names.map((name) => [name, [] as Cost[]])) as Record<Name, Cost[]>;
  for (const name of names) await measure(contenders[name], options.smoke ? 200 : 5_000);
  for (let round = 0; round < options.rounds; round++) {
    // Another one starts each round, so that leftovers for the next, above all dirty pages, affect none of them more than the others.
    const turn = round % names.length;
    for (const name of [...names.slice(turn), ...names.slice(0, turn)]) costs[name].push(await measure(contenders[name], options.smoke ? 300 : 1_500));
  }
  return costs;
}

async function measure({ pid, ...target }: Contender, forMs: number): Promise<Cost> {
  const [own, all] = [await cpuMs(pid), await treeCpuMs(pid)];
  const { requests, wallMs } = await load({ ...target, connections: 8, forMs });
  return { wall: wallMs / requests, own: ((await cpuMs(pid)) - own) / requests, all: ((await treeCpuMs(pid)) - all) / requests };
}
