import { discrepancyClasses, type DiscrepancyClass } from '@safelight/contract/discrepancies';
import { discrepancyCsvHeader, discrepancyCsvLine } from '@safelight/contract/discrepancy-csv';

import type { Discrepancy } from './discrepancy.ts';

type Tally = Record<DiscrepancyClass, number> & { total: number };

/** The counts of a stream of discrepancies, taken while it passes. */
const emptyTally = (): Tally => ({ total: 0, missing_object: 0, size_mismatch: 0, unknown_object: 0, stuck_writing: 0, stuck_deleting: 0 });

function count(tally: Tally, discrepancy: Discrepancy): void {
  tally[discrepancy.class] += 1;
  tally.total += 1;
}

/** One JSON document, written while the discrepancies are still being found: `{discrepancies: […], summary}`. */
export async function* discrepanciesAsJson(
  found: AsyncIterable<Discrepancy>,
  summarize: (tally: Tally) => object = (tally) => tally,
): AsyncGenerator<string, void> {
  const tally = emptyTally();
  yield '{"discrepancies":[';
  for await (const discrepancy of found) {
    yield `${tally.total === 0 ? '\n' : ',\n'}${JSON.stringify(discrepancy)}`;
    count(tally, discrepancy);
  }
  yield `],\n"summary":${JSON.stringify(summarize(tally))}}\n`;
}

/** RFC 4180, with a header line. */
export async function* discrepanciesAsCsv(found: AsyncIterable<Discrepancy>): AsyncGenerator<string, void> {
  yield discrepancyCsvHeader;
  for await (const discrepancy of found) yield discrepancyCsvLine(discrepancy);
}

/** Lines for people: each discrepancy, then the count of each class. */
export async function* discrepanciesAsText(found: AsyncIterable<Discrepancy>): AsyncGenerator<string, void> {
  const tally = emptyTally();
  for await (const discrepancy of found) {
    count(tally, discrepancy);
    const { provider, location, key, assetId, role, detail } = discrepancy;
    const owner = assetId === null ? '' : `  (${role ?? 'artifact'} of media ${assetId})`;
    yield `${discrepancy.class.padEnd(14)}  ${provider}:${location}  ${printable(key)}\n${' '.repeat(16)}${detail}${owner}\n`;
  }
  if (tally.total === 0) yield 'The ledger and the configured stores agree.\n';
  else
    yield `\n${tally.total} ${tally.total === 1 ? 'discrepancy' : 'discrepancies'}: ${discrepancyClasses
      .filter((name) => tally[name] > 0)
      .map((name) => `${tally[name]} ${name}`)
      .join(', ')}.\n`;
}

/** Control characters in a key must not move the reader's cursor or colour their terminal. */
const printable = (key: string): string => key.replace(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`);
