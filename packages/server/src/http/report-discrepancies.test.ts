import { randomUUIDv7 } from 'node:crypto';

import { expect, onTestFinished, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { createLog } from '../lib/log.ts';
import { openMemoryStore } from '../storage/memory/open-memory-store.ts';
import { storesOf } from '../storage/stores.ts';
import { bareApp } from './bare-app.ts';
import { reportDiscrepancies } from './report-discrepancies.ts';

const { db } = await testDatabase();
const here = 'mocked:here';
const stores = storesOf([openMemoryStore({ provider: 'mocked', location: 'here' })], { staging: here, final: here });

async function report(body: { store?: string }): Promise<{ summary: Record<string, unknown> }> {
  const app = bareApp(createLog({ level: 'silent' }), {});
  onTestFinished(async () => await app.close());
  app.post('/', async (request, reply) => {
    await reportDiscrepancies({ site: { db, stores }, signal: new AbortController().signal }, { body }, { request, reply });
    return reply;
  });
  return await (await app.inject({ method: 'POST', url: '/' })).json();
}

test('names the stores that hold objects and are not configured, unless it is on one store', async () => {
  expect((await report({})).summary['uncheckedStores']).toEqual([]);
  await db
    .insertInto('object')
    .values({ id: randomUUIDv7(), provider: 's3', location: 'forgotten', key: 'media/ada/there', state: 'stored', role: 'source' })
    .execute();
  expect((await report({})).summary).toMatchObject({ total: 0, uncheckedStores: [{ store: 's3:forgotten', objects: 1 }] });
  expect((await report({ store: here })).summary).toMatchObject({ total: 0, uncheckedStores: [] });
});
