import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startProduct, type Product } from '../support/product.ts';
import { startTcpPostgres, type TcpPostgres } from '../support/tcp-postgres.ts';
import { ask, expectProblem } from './support/api.ts';
import { anyFile, create, hang, head, metadata, offsetOf, patch, someBytes, tus, uploadIdOf } from './support/tus.ts';

const mebibyte = 2 ** 20;
const secrets = {
  SAFELIGHT_JWT_SECRET: 'a secret of the tests that is long enough',
  SAFELIGHT_SIGNING_KEYS: 'tests:a key of the tests that is long enough too',
};
let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(path.join(tmpdir(), 'safelight-tus-'));
});
afterAll(async () => await rm(dataDir, { recursive: true, force: true }));

describe('a server that is killed in the middle of a body', () => {
  test('says after its restart what is durable, and the upload completes whole and once', async () => {
    const start = async (): Promise<Product> => await startProduct('start', { dataDir: path.join(dataDir, 'killed'), env: secrets });
    let product = await start();
    try {
      const bytes = someBytes(20 * mebibyte);
      let asked = { token: product.token, server: product.url };
      const { pathname } = new URL(await create(bytes.length, anyFile(), asked));
      let offset = 0;
      for (const cut of [1 * mebibyte, 9 * mebibyte, 19 * mebibyte]) {
        // The lock of a dead process expires by itself.
        await expect
          .poll(async () => (await patch(product.url + pathname, offset, bytes.subarray(offset, offset + 1), asked)).status, { timeout: 20_000 })
          .toBe(204);
        offset += 1;
        const { request } = await hang(product.url + pathname, offset, bytes.length - offset, bytes.subarray(offset, cut), asked);
        // In the middle: some parts are durable, the rest is in the memory of the process that is killed now.
        const partly = async () => (await ask('GET', `${product.url}/v1/uploads/${uploadIdOf(pathname)}`, asked)).body.upload.offset;
        if (cut - offset > 4 * mebibyte) await expect.poll(partly, { timeout: 20_000 }).toBeGreaterThan(offset);
        await product.stop('SIGKILL');
        request.destroy();
        product = await start();
        asked = { token: product.token, server: product.url };
        const told = await offsetOf(product.url + pathname, asked);
        expect(told).toBeGreaterThanOrEqual(offset);
        expect(told).toBeLessThanOrEqual(cut);
        offset = told;
      }
      await expect.poll(async () => (await patch(product.url + pathname, offset, bytes.subarray(offset), asked)).status, { timeout: 15_000 }).toBe(204);
      const { upload } = (await ask('GET', `${product.url}/v1/uploads/${uploadIdOf(pathname)}`, asked)).body;
      await expect.poll(async () => (await ask('GET', `${product.url}/v1/jobs/${upload.jobId}`, asked)).body.job.state, { timeout: 30_000 }).toBe('complete');
      expect((await ask('GET', `${product.url}/download/${upload.assetId}`, asked)).bytes.equals(bytes)).toBe(true);
    } finally {
      await product.stop();
    }
  }, 120_000);
});

describe('two servers of one product', () => {
  let postgres: TcpPostgres;
  let servers: Product[];
  let asked: { token: string };

  beforeAll(async () => {
    postgres = await startTcpPostgres();
    const shared = { dataDir: path.join(dataDir, 'two'), env: { ...secrets, DATABASE_URL: postgres.url, SAFELIGHT_TRUSTED_PROXIES: '127.0.0.1' } };
    servers = [await startProduct('serve', shared), await startProduct('serve', shared)];
    asked = { token: servers[0]?.token ?? '' };
  });
  afterAll(async () => {
    await Promise.all((servers ?? []).map((server) => server.stop()));
    await postgres?.close();
  });
  const at = (index: number, url: string): string => `${servers[index]?.url}${new URL(url).pathname}`;

  test('continue each other’s uploads', async () => {
    const bytes = someBytes(300_000);
    const url = await create(bytes.length, anyFile(), { ...asked, server: servers[0]?.url ?? '' });
    const { answer } = await hang(at(0, url), 0, bytes.length, bytes.subarray(0, 100_000), asked);
    await expect.poll(() => offsetOf(at(1, url), asked), { timeout: 15_000 }).toBe(100_000);
    expectProblem(await answer, 409, 'conflict');
    expect((await patch(at(1, url), 100_000, bytes.subarray(100_000), asked)).status).toBe(204);
  });

  test('let one of two PATCHes win', async () => {
    for (let round = 0; round < 5; round += 1) {
      const url = await create(5 * mebibyte, anyFile(), { ...asked, server: servers[0]?.url ?? '' });
      const answers = await Promise.all([0, 1].map((index) => patch(at(index, url), 0, Buffer.alloc(5 * mebibyte, index), asked)));
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([204, expect.toBeOneOf([409, 423])]);
    }
  });

  test('believe their proxy about the address that clients use', async () => {
    const headers = { 'upload-length': '1', 'upload-metadata': metadata(anyFile()), 'x-forwarded-host': 'media.shop.example', 'x-forwarded-proto': 'https' };
    const answer = await tus('POST', '', { ...asked, server: servers[0]?.url ?? '', headers });
    expect(answer.headers.get('location')).toMatch(/^https:\/\/media\.shop\.example\/v1\/uploads\/tus\//);
  });

  test('answer expired for an upload whose time is over, and leave nothing of it', async () => {
    const url = await create(1000, anyFile(), { ...asked, server: servers[0]?.url ?? '' });
    await patch(at(0, url), 0, 'hello', asked);
    // Together with it, uploads in parts and by one PUT that were never completed.
    for (const multipart of [true, false]) {
      const { body } = await ask('POST', `${servers[0]?.url}/v1/media/upload/init`, { ...asked, body: { ...anyFile(), byteSize: 1000, multipart } });
      await ask('PUT', body.uploadURL ?? body.parts[0].url, { token: null, headers: body.headers ?? {}, body: someBytes(1000) });
    }
    expect(await unfinishedUploads()).not.toEqual([]);
    await expireEverything();
    expectProblem(await patch(at(0, url), 5, 'x', asked), 410, 'upload_expired');
    expect((await head(at(0, url), asked)).status).toBe(410);
    expect((await tus('DELETE', at(0, url), asked)).status).toBe(410);
    await expect
      .poll(async () => (await ask('GET', `${servers[0]?.url}/v1/uploads/${uploadIdOf(url)}`, asked)).body.upload.state, { timeout: 40_000 })
      .toBe('expired');
    await expect.poll(unfinishedObjects, { timeout: 45_000 }).toEqual([]);
    await expect.poll(unfinishedUploads, { timeout: 20_000 }).toEqual([]);
  }, 120_000);

  const query = async (text: string, values: unknown[] = []): Promise<Record<string, unknown>[]> => {
    const { default: pg } = await import('pg');
    const client = new pg.Client({ connectionString: postgres.url });
    await client.connect();
    return (await client.query(text, values).finally(() => client.end())).rows;
  };
  /** Expires everything that is open in this product, and the leases of slow writers. */
  const expireEverything = async (): Promise<void> => {
    await query(`update upload_session set expires_at = now() - interval '1 second' where state = 'open'`);
    await query(`update object set lease_until = now() - interval '1 second' where state = 'writing'`);
  };
  const unfinishedObjects = async () =>
    await query(
      `select object.role, object.state, s.protocol, s.state as session from object left join upload_session as s on s.object_id = object.id where object.state <> 'stored'`,
    );
  const unfinishedUploads = async (): Promise<string[]> =>
    (await readdir(path.join(dataDir, 'two'), { recursive: true })).filter((name) => /multipart\/./.test(name) || name.includes('.tail-'));

  test('hold no connection of their pool while many bodies are stalled', async () => {
    const url = servers[1]?.url ?? '';
    const urls = await Promise.all(Array.from({ length: 60 }, () => create(1_000_000, anyFile(), { ...asked, server: url })));
    const hanging = await Promise.all(urls.map((one) => hang(one, 0, 1_000_000, someBytes(2000), asked)));
    // The servers' own upkeep is in a transaction for a moment now and then.
    const held = async () => await query(`select pid from pg_stat_activity where datname = current_database() and state like 'idle in transaction%'`);
    await expect.poll(held, { timeout: 20_000 }).toEqual([]);
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask('GET', `${url}/v1/media?limit=1`, asked)));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    for (const { request } of hanging) request.destroy();
  });
});
