import { sql } from '#kysely';
import { expect, test } from 'vitest';

import { cancelJob } from '../jobs/cancel-job.ts';
import { paidGenerator, testGenerations } from '../../test/support/generations.ts';
import { openaiStub } from '../../test/support/openai-stub.ts';
import { answerJson, type Answering } from '../../test/support/provider-stub.ts';
import { startGeneration } from './start-generation.ts';
import { createOpenaiGenerator } from './openai/create-openai-generator.ts';

const many = 1000;

test('a thousand waiting generations that are cancelled at once are sent to nobody, cost nothing, and each emits one event', async () => {
  const { db, contextWith, open, run } = await testGenerations();
  const generator = paidGenerator({ start: () => ({ state: 'done', outputs: [], usage: {} }) });
  const ctx = contextWith(generator);
  const ids: string[] = [];
  for (let begun = 0; begun < many; begun += 20) ids.push(...(await Promise.all(Array.from({ length: 20 }, async () => await open(ctx)))));
  await Promise.all(ids.map(async (id) => void (await cancelJob(ctx, id))));
  await run(ctx, 8);
  const ended = async (): Promise<number> => {
    const row = await db
      .selectFrom('job')
      .select(sql<number>`count(*)::int`.as('count'))
      .where('state', '=', 'cancelled')
      .where('turn', '=', 'over')
      .executeTakeFirstOrThrow();
    return row.count;
  };
  await expect.poll(ended, { timeout: 60_000, interval: 200 }).toBe(many);
  expect(generator.sent).toBe(0);
  const { rows } = await sql<{ state: string; units: number; stopped: boolean; count: number }>`
    select g.state, g.reserved_units as units, (j.result->>'spendingStopped')::boolean as stopped, count(*)::int as count
    from generation g join job j on j.id = g.job_id group by 1, 2, 3`.execute(db);
  expect(rows).toEqual([{ state: 'cancelled', units: 0, stopped: true, count: many }]);
  const told = await sql<{ count: number; code: string }>`
    select count(*)::int as count, payload->'error'->>'code' as code from event where name = 'generation_failed' group by 2`.execute(db);
  expect(told.rows).toEqual([{ count: many, code: 'cancelled' }]);
});

/** Answers of a provider in a bad hour. */
const storm: Answering[] = [
  answerJson(500, { error: { message: 'x' } }),
  () => undefined,
  answerJson(502, {}),
  (_, response) => void response.socket?.destroy(),
  (_, response) => void response.writeHead(504, { 'content-type': 'text/html' }).end('<html>'),
  (_, response) => void response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 }).write('{', () => response.destroy()),
];

test('in a storm of 500s, timeouts and resets each request is sent once, and its outcome is unknown', async () => {
  const { db, contextWith, run } = await testGenerations();
  let nth = 0;
  const { url, seen } = await openaiStub((one, response) => storm[nth++ % storm.length]?.(one, response), ['gpt-image-test']);
  const ctx = contextWith(createOpenaiGenerator({ apiKey: 'sk-test', imageModels: ['gpt-image-test'], timeoutMs: 300, baseURL: url }));
  const requests = 120;
  await Promise.all(
    Array.from({ length: requests }, async (_, index) => await startGeneration(ctx, { kind: 'image', prompt: `storm ${index}.`, n: 1, inputs: [] })),
  );
  await run(ctx, 8);
  const ended = async (): Promise<unknown> =>
    (await sql<{ code: string; count: number }>`select error->>'code' as code, count(*)::int as count from job where turn = 'over' group by 1`.execute(db))
      .rows;
  await expect.poll(ended, { timeout: 60_000, interval: 200 }).toEqual([{ code: 'outcome_unknown', count: requests }]);
  const prompts = seen.map(({ body }) => (JSON.parse(body.toString()) as { prompt: string }).prompt);
  expect(new Set(prompts).size).toBe(requests);
  expect(prompts).toHaveLength(requests);
});
