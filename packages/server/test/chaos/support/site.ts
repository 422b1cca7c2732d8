import { randomBytes } from 'node:crypto';

import { SignJWT } from 'jose';
import { expect } from 'vitest';

import { startProduct, type Command, type Product } from '../../support/product.ts';
import { descendantsOf, killHard, listProcesses, stillRunning, type Process } from './processes.ts';
import type { Random } from './random.ts';

const pieces = {
  start: ['product', 'group', 'postmaster', 'database', 'decoder', 'everything'],
  serve: ['product', 'group'],
  worker: ['product', 'group', 'decoder'],
} as const;

/** Processes of the product that are killed and started again on the same data. */
export type Site = {
  token: string;
  /** A server that was up a moment ago; any of several. */
  url(): string;
  /** Whether a server of the site is up. */
  isOurs(origin: string): boolean;
  /** Kills one of its processes at this very moment and returns which one. */
  kill(): string;
  /** Waits for everything that ends by itself after a kill, and starts again what is missing. */
  restart(): Promise<void>;
  /** Asks everything to stop; returns the exit codes. */
  stop(): Promise<(number | null)[]>;
  /** Everything that its processes have logged about a request, by the `requestId` of its answer. */
  saidOf(answer: string): string[];
  /** Processes that the site has ever started and that still exist. */
  leftover(): Process[];
};

export async function openSite(options: { dataDir: string; commands: readonly Command[]; env?: Record<string, string>; random: Random }): Promise<Site> {
  const secret = randomBytes(32).toString('hex');
  const env = { SAFELIGHT_JWT_SECRET: secret, SAFELIGHT_SIGNING_KEYS: `chaos:${randomBytes(32).toString('hex')}`, ...options.env };
  /** Everything that was ever printed, including by processes that were killed. */
  const outputs: Product['output'][] = [];
  const start = async (command: Command): Promise<Product> => {
    const product = await startProduct(command, { dataDir: options.dataDir, env });
    outputs.push(product.output);
    return product;
  };
  const running = await Promise.all(options.commands.map(async (command) => ({ command, product: await start(command), doomed: false })));
  const seen = new Map<string, Process>();
  const look = (): Process[] => {
    const all = listProcesses();
    const found = running.flatMap(({ product }) => [...all.filter(({ pid }) => pid === product.pid), ...descendantsOf(product.pid, all)]);
    for (const process of found) seen.set(`${process.pid} ${process.started}`, process);
    return found;
  };
  look();
  const urls = (): string[] => running.flatMap(({ product }) => (product.url === '' ? [] : [product.url]));

  return {
    token: await new SignJWT({ scope: 'media:admin' })
      .setProtectedHeader({ alg: 'HS256' })
      .setSubject('chaos')
      .setExpirationTime('6h')
      .sign(new TextEncoder().encode(secret)),
    url: () => options.random.pick(urls()),
    isOurs: (origin) => urls().includes(origin),
    kill() {
      const { random } = options;
      const place = random.pick(running);
      const { command, product } = place;
      const family = descendantsOf(product.pid, look());
      const postgres = family.filter(({ command: line }) => /\bpostgres\b/.test(line));
      const decoders = family.filter(({ command: line }) => /decoder/.test(line) && !/postgres/.test(line));
      const piece = random.pick<string>(pieces[command]);
      // A decoder and the embedded database are started again by their process; any other kill ends it.
      place.doomed = !['decoder', 'postmaster', 'database'].includes(piece);
      switch (piece) {
        case 'group':
          killHard(-product.pid);
          break;
        case 'postmaster':
          for (const { pid, command: line } of postgres) if (/postgres -D/.test(line) && !line.startsWith('sh ')) killHard(pid);
          break;
        case 'database':
          for (const { pid } of postgres) killHard(pid);
          break;
        case 'decoder':
          if (decoders.length > 0) killHard(random.pick(decoders).pid);
          break;
        case 'everything':
          for (const { pid } of [...family, { pid: product.pid }]) killHard(pid);
          break;
        default:
          killHard(product.pid);
      }
      return `${command}: ${piece}`;
    },
    async restart() {
      for (const place of running.filter(({ doomed }) => doomed)) {
        await place.product.exited;
        place.product = await start(place.command);
        place.doomed = false;
      }
      for (const { product } of running.filter(({ product: { url } }) => url !== '')) await becomesReady(product);
      look();
    },
    async stop() {
      look();
      const exits = await Promise.all(running.map(({ product }) => product.stop()));
      return exits.map(({ code }) => code);
    },
    saidOf(answer) {
      const requestId = /"requestId":"([^"]+)"/.exec(answer)?.[1];
      if (requestId === undefined) return [];
      return outputs.flatMap((output) => output().split('\n')).filter((line) => line.includes(requestId));
    },
    leftover: () => stillRunning(seen.values()),
  };
}

/** The process may be starting its database again. */
async function becomesReady({ url }: Product): Promise<void> {
  const isReady = async (): Promise<boolean> =>
    await fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
  await expect.poll(isReady, { timeout: 60_000, interval: 20 }).toBe(true);
}
