import type { Discrepancy, DiscrepancyReport, ReportDiscrepanciesBody } from '@safelight/contract/api';
import { createArrayItemParser } from './array-item-parser.ts';
import { networkProblem } from './problem.ts';
import { fetchAnswer, signed, urlOf, type CallOptions, type Connection } from './request.ts';

export type DiscrepancySummary = DiscrepancyReport['summary'];

/** How records and stored objects disagree, for administrators. */
export interface DiscrepanciesResource {
  /** Compares records and objects, and reports discrepancies in batches. Resolves with the counts; rejects if the report was cut off. */
  report: (query: ReportDiscrepanciesBody, onFound: (batch: readonly Discrepancy[]) => void, options?: CallOptions) => Promise<DiscrepancySummary>;
}

/** @internal */
export function discrepanciesResource(connection: Connection): DiscrepanciesResource {
  return {
    async report(query, onFound, { signal } = {}) {
      const url = urlOf(connection, 'reportDiscrepancies');
      const headers = new Headers({ accept: 'application/json', 'content-type': 'application/json' });
      const init = { method: 'POST', headers, body: JSON.stringify(query), ...(signal ? { signal } : {}) };
      const response = await signed(connection, headers, () => fetchAnswer(connection, url, init));
      const parser = createArrayItemParser();
      const decoder = new TextDecoder();
      try {
        const reader = response.body?.getReader();
        // Not every platform has streams; without them everything is reported at the end.
        if (!reader) onFound(parser.push(await response.text()) as Discrepancy[]);
        for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) {
          const batch = parser.push(decoder.decode(read.value, { stream: true })) as Discrepancy[];
          if (batch.length > 0) onFound(batch);
        }
      } catch (error) {
        signal?.throwIfAborted();
        throw networkProblem(url, error);
      }
      const rest = parser.end() as { summary: DiscrepancySummary } | undefined;
      if (rest === undefined) throw networkProblem(url, new Error('The report broke off before its end.'));
      return rest.summary;
    },
  };
}
