import fc from 'fast-check';

import { judgeAnswer } from './judge-answer.ts';
import { openFuzzSite, type FuzzSite } from './fuzz-site.ts';
import { otherOperations } from './other-operations.ts';
import { requestTo, type PlannedRequest } from './random-request.ts';
import { readOperations, type ApiDocument } from './read-operations.ts';
import { closeConnections, sendRequest } from './send-request.ts';

export type FuzzApi = { count: number; seed: number; from: number; seconds?: number; onCase?: (done: number) => void };
export type ApiFault = { nth: number; operation: string; what: string; request: string };
export type ApiReport = {
  requests: number;
  operations: number;
  statuses: Record<string, number>;
  faults: ApiFault[];
  slowest: { nth: number; ms: number };
  lastWords: string;
};

/** This many requests use the same resources. */
const round = 200;
const atOnce = 6;

/** Sends requests to every operation, by callers of every kind, with one or more faults; the nth of a seed is always the same. */
export async function fuzzApi({ count, seed, from, seconds, onCase }: FuzzApi): Promise<ApiReport> {
  const site = await openFuzzSite();
  try {
    const document = (await (await fetch(`${site.url}/openapi.json`)).json()) as ApiDocument;
    const operations = [...readOperations(document), ...otherOperations].map((operation) => requestTo(operation, site.callers.length));
    const report: ApiReport = { requests: 0, operations: operations.length, statuses: {}, faults: [], slowest: { nth: 0, ms: 0 }, lastWords: '' };
    const until = seconds === undefined ? Number.POSITIVE_INFINITY : performance.now() + seconds * 1000;
    for (let nth = from; nth < from + count && performance.now() < until; nth += round) {
      // Nothing else changes the site meanwhile.
      const there = await site.refresh();
      let next = nth;
      const work = async (): Promise<void> => {
        while (next < Math.min(nth + round, from + count) && performance.now() < until) {
          const mine = next++;
          const arbitrary = operations[mine % operations.length];
          const [planned] = arbitrary === undefined ? [] : fc.sample(arbitrary, { seed: seed * 1_000_003 + mine, numRuns: 1 });
          if (planned !== undefined) await ask(site, report, mine, filled(planned, there));
          onCase?.(report.requests);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, work));
    }
    report.lastWords = errorsIn(site.product.output());
    return report;
  } finally {
    closeConnections();
    await site.close();
  }
}

async function ask(site: FuzzSite, report: ApiReport, nth: number, planned: PlannedRequest): Promise<void> {
  const { operation, caller, ...wire } = planned;
  const authorization = site.callers[caller];
  const began = performance.now();
  const note = (what: string): void =>
    void report.faults.push({
      nth,
      operation,
      what,
      request: `${wire.method} ${wire.path.slice(0, 200)} ${JSON.stringify(wire.headers).slice(0, 300)} ${String(wire.body).slice(0, 300)}`,
    });
  try {
    const answer = await sendRequest(site.url, {
      ...wire,
      headers: { ...wire.headers, ...(authorization === null || authorization === undefined ? {} : { authorization }) },
    });
    const fault = judgeAnswer(wire.method, answer);
    if (fault !== null) note(fault);
    report.statuses[answer.status] = (report.statuses[answer.status] ?? 0) + 1;
  } catch (error) {
    note(`was not answered: ${error instanceof Error ? error.message : String(error)}`);
  }
  report.requests += 1;
  const ms = Math.round(performance.now() - began);
  if (ms > report.slowest.ms) report.slowest = { nth, ms };
}

/** Fills the placeholders with resources that exist at this moment. */
function filled(planned: PlannedRequest, there: Record<string, string>): PlannedRequest {
  const fill = (text: string): string => text.replaceAll(/\{\{(\w+)\}\}/g, (_, name: string) => there[name] ?? name);
  return {
    ...planned,
    path: fill(planned.path),
    headers: Object.fromEntries(Object.entries(planned.headers).map(([name, value]) => [name, fill(value)])),
    body: typeof planned.body === 'string' ? fill(planned.body) : planned.body,
  };
}

/** Everything that the server logged: an operator would have to look at every error in it. */
const errorsIn = (log: string): string =>
  log
    .split('\n')
    .filter((line) => /"level":"(?:error|fatal)"/.test(line))
    .slice(0, 20)
    .join('\n');
