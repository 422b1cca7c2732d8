import type { DiscrepancySummary } from '@safelight/client';
import type { Discrepancy } from '@safelight/contract/discrepancies';
import { useCallback, useEffect, useRef, useState } from 'react';

import { useClient } from '../session/session.ts';

export type ReportState = {
  state: 'idle' | 'running' | 'done' | 'stopped';
  found: readonly Discrepancy[];
  /** There once everything was compared. */
  summary: DiscrepancySummary | null;
  problem: unknown;
  startedAt: number;
};

/** So many are kept for the table and the downloads; the command line has no such limit. */
export const mostKept = 20_000;
/** The screen follows a report this often, however fast it finds. */
const showMs = 200;

/** The report, run when it is asked for and never by itself: it reads whole buckets. */
export function useReport(): ReportState & { run: (prefix: string) => void; stop: () => void } {
  const client = useClient();
  const [shown, setShown] = useState<ReportState>({ state: 'idle', found: [], summary: null, problem: null, startedAt: 0 });
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const run = useCallback(
    (prefix: string) => {
      running.current?.abort();
      const own = new AbortController();
      running.current = own;
      const found: Discrepancy[] = [];
      const show = (part: Partial<ReportState>): void => {
        if (running.current === own) setShown((before) => ({ ...before, found: [...found], ...part }));
      };
      show({ state: 'running', summary: null, problem: null, startedAt: Date.now() });
      const timer = setInterval(() => show({}), showMs);
      const keep = (batch: readonly Discrepancy[]): void => void found.push(...batch.slice(0, Math.max(0, mostKept - found.length)));
      client.discrepancies
        .report(prefix === '' ? {} : { prefix }, keep, { signal: own.signal })
        .then(
          (summary) => show({ state: 'done', summary }),
          (problem: unknown) => show(own.signal.aborted ? { state: 'stopped' } : { state: 'stopped', problem }),
        )
        .finally(() => clearInterval(timer));
    },
    [client],
  );
  const stop = useCallback(() => running.current?.abort(), []);
  return { ...shown, run, stop };
}
