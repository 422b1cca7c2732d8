import { load } from './load.ts';
import { cpuMs, treeCpuMs } from './processes.ts';

export type Contender = { port: number; pid: number; expect: number; request(): readonly Buffer[] };

/** Of one request, in milliseconds: until the next could begin with eight under way, CPU of the server process, and CPU with everything below it. */
export type Cost = { wall: number; own: number; all: number };

/**
 * Eight requests at once against one server after the other, again and again, so that load from elsewhere hits all alike. Before it
 * counts each gets as long as its code needs to be compiled. The costs of each contender, round by round.
 */
export async function takeTurns<Name extends string>(
  contenders: Record<Name, Contender>,
  options: { rounds: number; smoke: boolean },
): Promise<Record<Name, Cost[]>> {
  const names = Object.keys(contenders) as Name[];
  const costs = Object.fromEntries(names.map((name) => [name, [] as Cost[]])) as Record<Name, Cost[]>;
  for (const name of names) await measure(contenders[name], options.smoke ? 200 : 5_000);
  for (let round = 0; round < options.rounds; round++) {
    // Another one begins each round: what one leaves to the next, dirty pages above all, hits none of them more than the others.
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
