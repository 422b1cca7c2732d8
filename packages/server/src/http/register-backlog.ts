import { Gauge, type Registry } from 'prom-client';

import type { Backlog } from '../jobs/read-backlog.ts';
import { inTime } from '../lib/in-time.ts';
import { patienceMs } from '../lib/patience.ts';
import type { LedgerCounts } from '../storage/count-ledger.ts';

type ReadBacklog = () => Promise<{ lanes: Backlog[]; ledger: LedgerCounts } | null>;
/** All gauges of one scrape share one query. */
const oneLookMs = 1_000;

/** Figures that all processes share and report alike: aggregate with max, not sum. While the database is away they are not reported. */
export function registerBacklog(registry: Registry, readBacklog: ReadBacklog): void {
  let look: { at: number; found: ReturnType<ReadBacklog> } | null = null;
  const found = async (): ReturnType<ReadBacklog> => {
    if (look === null || performance.now() - look.at > oneLookMs)
      look = { at: performance.now(), found: inTime(readBacklog(), patienceMs.check).catch(() => null) };
    return await look.found;
  };
  const ofLanes = (name: string, help: string, valueOf: (backlog: Backlog) => number): void => {
    const gauge = new Gauge({
      name,
      help,
      labelNames: ['lane'],
      registers: [registry],
      async collect() {
        gauge.reset();
        for (const backlog of (await found())?.lanes ?? []) gauge.set({ lane: backlog.lane }, valueOf(backlog));
      },
    });
  };
  ofLanes('safelight_jobs_waiting', 'Jobs that are ready and that no worker has taken yet, of the whole product.', ({ jobs }) => jobs);
  ofLanes('safelight_jobs_waiting_owners', 'Owners who have such jobs, of the whole product.', ({ owners }) => owners);
  ofLanes('safelight_jobs_oldest_waiting_seconds', 'How long the oldest of them waits, of the whole product.', ({ oldestSeconds }) => oldestSeconds);
  const rows = new Gauge({
    name: 'safelight_ledger_rows',
    help: 'Rows of the object ledger in the whole installation; the number of stored ones is an estimate.',
    labelNames: ['state'],
    registers: [registry],
    async collect() {
      rows.reset();
      for (const [state, count] of Object.entries((await found())?.ledger ?? {})) rows.set({ state }, count);
    },
  });
}
