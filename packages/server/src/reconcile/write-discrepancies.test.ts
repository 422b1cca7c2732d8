import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';

import type { Discrepancy } from './discrepancy.ts';
import { discrepanciesAsCsv, discrepanciesAsJson, discrepanciesAsText } from './write-discrepancies.ts';

const unknown = (key: string): Discrepancy => ({
  class: 'unknown_object',
  provider: 's3',
  location: 'uploads',
  key,
  objectId: null,
  assetId: null,
  role: null,
  expectedBytes: null,
  actualBytes: 3,
  detail: 'no ledger row names it',
});

async function* found(...keys: string[]): AsyncGenerator<Discrepancy, void> {
  for (const key of keys) yield unknown(key);
}

test('JSON is one document, even without discrepancies', async () => {
  expect(JSON.parse(await text(discrepanciesAsJson(found())))).toEqual({ discrepancies: [], summary: expect.objectContaining({ total: 0 }) });
  const two = JSON.parse(await text(discrepanciesAsJson(found('a', 'b"\n'))));
  expect(two.discrepancies.map(({ key }: Discrepancy) => key)).toEqual(['a', 'b"\n']);
  expect(two.summary).toMatchObject({ total: 2, unknown_object: 2, missing_object: 0 });
});

test('CSV keeps commas, quotes and line ends inside their field, and no field becomes a formula', async () => {
  const lines = (await text(discrepanciesAsCsv(found('a,"b"', '=1+1', '-x,y')))).split('\r\n');
  expect(lines[0]).toBe('class,provider,location,key,objectId,assetId,role,expectedBytes,actualBytes,detail');
  expect(lines[1]).toBe('unknown_object,s3,uploads,"a,""b""",,,,,3,no ledger row names it');
  expect(lines[2]).toContain(",'=1+1,");
  expect(lines[3]).toContain(`,"'-x,y",`);
});

test('text counts each class, and a key cannot control the terminal', async () => {
  expect(await text(discrepanciesAsText(found()))).toBe('The ledger and the configured stores agree.\n');
  const answer = await text(discrepanciesAsText(found('a\u001b[31m', 'b')));
  expect(answer).not.toContain('\u001b');
  expect(answer).toContain('2 discrepancies: 2 unknown_object.');
});
