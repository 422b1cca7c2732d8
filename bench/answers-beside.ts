import { execFile } from 'node:child_process';
import os from 'node:os';
import { promisify } from 'node:util';

import { quantile, ratioFigure, type Figure } from './figures.ts';
import { timeAnswers } from './load.ts';
import { treeProcesses } from './processes.ts';
import type { Product } from './product.ts';

const run = promisify(execFile);

type Encoding = {
  /** Sends a video; calls `onPoster` when its encoding begins, and resolves when it is ready. */
  encode(onPoster: () => void): Promise<unknown>;
  times: number;
  smoke: boolean;
};

/**
 * How long three requests take while a video is encoded: a download, a record and a list. They are sent by turns, compared with an idle server before and
 * after the encode, so that drift cancels. Each part lasts as long as an encode does: its first second alone, in which programs are started and files are
 * stored, says little about the rest. Asked by the connection written for loads: `fetch` makes this process collect its own garbage during more than one
 * request of a hundred, which is what the 99th percentile then shows.
 *
 * An encoder has a processor of its own. The last figure compares with an idle machine that has one processor fewer, and so shows what an encode costs
 * beyond that: on two processors, what it costs lists is mostly what the server and Postgres otherwise do at the same time.
 */
export async function answersBeside(product: Product, { encode, times, smoke }: Encoding): Promise<Figure[]> {
  const requests = await requestsOf(product);
  const askUntil = async (isOver: () => boolean): Promise<number[]> =>
    (await timeAnswers({ port: product.port, expect: 200, requests: Object.values(requests), isOver })).map((answers) => quantile(answers, 0.99));
  const askFor = async (ms: number): Promise<number[]> => {
    const end = performance.now() + ms;
    return await askUntil(() => performance.now() >= end);
  };
  // V8 compiles what runs often, for as long as this.
  await askFor(smoke ? 50 : 15_000);
  const askIdle = async (): Promise<{ all: number[]; fewer: number[] }> => {
    const all = await askFor(smoke ? 100 : 12_000);
    return { all, fewer: await withOneProcessorFewer(product.pid, async () => await askFor(smoke ? 100 : 6000)) };
  };
  const idle = [await askIdle()];
  const busy: number[][] = [];
  for (let round = 0; round < times; round++) {
    const video = { isReady: false };
    const { promise: encoding, resolve } = Promise.withResolvers<void>();
    const ready = encode(resolve).finally(() => {
      video.isReady = true;
      resolve();
    });
    // Uploading it, and making its poster, is different work: this measures the long time after that.
    await encoding;
    busy.push(await askUntil(() => video.isReady));
    await ready;
    idle.push(await askIdle());
  }
  const figure = (what: string, request: number, against: 'all' | 'fewer', goal?: number): Figure => {
    const at = (values: number[] | undefined): number => values?.[request] ?? Number.NaN;
    const beside = busy.map((_, round) => (at(idle[round]?.[against]) + at(idle[round + 1]?.[against])) / 2);
    return ratioFigure(what, 'ms', busy.map(at), beside, goal);
  };
  return [
    ...Object.keys(requests).map((name, request) => figure(`p99 of ${name} while a video is encoded, against idle`, request, 'all', 1.1)),
    figure('the same of a list, against idle with one processor fewer', 2, 'fewer'),
  ];
}

/** The three, of the videos that were sent before. */
async function requestsOf({ url, token }: Product): Promise<Record<string, readonly Buffer[]>> {
  const answer = await fetch(`${url}/v1/media?limit=20`, { headers: { authorization: `Bearer ${token}` } });
  const { media } = (await answer.json()) as { media: { id: string; thumbnailSrc: string | null }[] };
  const [video] = media.filter(({ thumbnailSrc }) => thumbnailSrc !== null);
  if (video === undefined) throw new Error('There is no video with a poster to ask for.');
  const get = (target: string, headers = ''): readonly Buffer[] => [Buffer.from(`GET ${target} HTTP/1.1\r\nhost: bench\r\n${headers}\r\n`)];
  const authorization = `authorization: Bearer ${token}\r\n`;
  return {
    'a poster': get(new URL(video.thumbnailSrc ?? '').pathname),
    'a record': get(`/v1/media/${video.id}`, authorization),
    'a list': get('/v1/media?limit=20', authorization),
  };
}

/** Runs `work` while the product and this process may use all processors but the first. */
async function withOneProcessorFewer<T>(pid: number, work: () => Promise<T>): Promise<T> {
  const set = async (each: number, cpus: string) => await run('taskset', ['--all-tasks', '--cpu-list', '--pid', cpus, String(each)]);
  const mayUse = async (cpus: string): Promise<void> => {
    await set(process.pid, cpus);
    // Some process of Postgres may have ended since they were listed.
    for (const each of await treeProcesses(pid)) await set(each.pid, cpus).catch(() => {});
  };
  const last = os.cpus().length - 1;
  await mayUse(`${Math.min(1, last)}-${last}`);
  try {
    return await work();
  } finally {
    await mayUse(`0-${last}`);
  }
}
