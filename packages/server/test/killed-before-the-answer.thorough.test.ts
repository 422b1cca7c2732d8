import { randomUUID } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import path from 'node:path';

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { smallPicture } from './acceptance/support/pictures.ts';
import { startFaultProxy } from './support/fault-proxy.ts';
import { startProduct, type Product } from './support/product.ts';
import { startTcpPostgres, type TcpPostgres } from './support/tcp-postgres.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

let postgres: TcpPostgres;
let client: pg.Client;
beforeAll(async () => {
  postgres = await startTcpPostgres();
  client = new pg.Client(postgres.url);
  await client.connect();
});
afterAll(async () => {
  await client?.end();
  await postgres?.close();
});

const dataDir = await temporaryDirectory();
async function started(databaseUrl: string, command: 'serve' | 'start' = 'serve'): Promise<Product> {
  const product = await startProduct(command, { dataDir, env: { DATABASE_URL: databaseUrl } });
  onTestFinished(async () => void (await product.stop('SIGKILL')));
  return product;
}

const picture = await smallPicture();
function form(fields: Record<string, string>, files = 1): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  for (let index = 0; index < files; index++) data.append('file', new Blob([new Uint8Array(picture)], { type: 'image/jpeg' }), `${index}.jpg`);
  return data;
}
const json = (body: unknown) => ({ body: JSON.stringify(body), type: 'application/json' });
const artist = { collection: 'artist.images', entityType: 'artist', entityId: '1' };
const listing = { collection: 'listing.photos', entityType: 'listing', entityId: '1' };

const init = (filename: string) => ({ filename, contentType: 'image/jpeg', byteSize: picture.length, ...listing });

type Sent = { body: FormData | string; type?: string };
type Row = { made: string; at: string; sent: () => Sent; event: RegExp; table: 'asset' | 'job' | 'upload_session'; count?: number };
const rows: Row[] = [
  {
    made: 'a generation',
    at: '/generate/image',
    sent: () => json({ prompt: 'a lamp', size: '128x96', provider: 'local' }),
    event: /generation_started/,
    table: 'job',
  },
  { made: 'an import', at: '/media/import', sent: () => json({ url: 'https://example.com/a.jpg', ...listing }), event: /upload_started/, table: 'job' },
  { made: 'an upload that is answered at once', at: '/media', sent: () => ({ body: form(artist) }), event: /processing_started/, table: 'asset' },
  { made: 'an upload that is queued', at: '/media', sent: () => ({ body: form(listing) }), event: /upload_complete/, table: 'asset' },
  {
    made: 'the first of two uploads in a form',
    at: '/media',
    sent: () => ({ body: form(artist, 2) }),
    event: /processing_started/,
    table: 'asset',
    count: 2,
  },
  { made: 'an upload that is opened', at: '/media/upload/init', sent: () => json(init('a.jpg')), event: /upload_started/, table: 'upload_session' },
  {
    made: 'an upload in parts that is opened',
    at: '/media/upload/init',
    sent: () => json({ ...init('a.jpg'), multipart: true }),
    event: /upload_started/,
    table: 'upload_session',
  },
  {
    made: 'the first of two uploads that are opened',
    at: '/media/upload/init',
    sent: () => json({ uploads: [init('a.jpg'), init('b.jpg')] }),
    event: /upload_started/,
    table: 'upload_session',
    count: 2,
  },
];

const idsIn = async (table: Row['table']): Promise<string[]> => (await client.query<{ id: string }>(`select id from ${table}`)).rows.map(({ id }) => id);

test('a server that is killed between the COMMIT and the name of a small file leaves a photo that becomes ready', async () => {
  const proxy = await startFaultProxy(postgres.url.replace('postgres:', 'http:'), () => ({ kind: 'none' }));
  onTestFinished(async () => await proxy.stop());
  const through = new URL(postgres.url);
  through.port = new URL(proxy.origin).port;
  const unnamed = async () => await readdir(path.join(dataDir, 'objects/.safelight/unnamed'));
  const doomed = await started(through.href);
  const before = new Set(await idsIn('asset'));
  proxy.arm(() => ({ kind: 'lost answer', to: /upload_complete/, is: /COMMIT\0/, isSilent: true }));
  const unanswered = fetch(`${doomed.url}/v1/media`, { method: 'POST', headers: { authorization: `Bearer ${doomed.token}` }, body: form(listing) }).catch(
    (error: unknown) => error,
  );
  await expect.poll(proxy.happened).toBe(true);
  await doomed.stop('SIGKILL');
  expect(await unanswered).toBeInstanceOf(TypeError);
  const [id = '', ...others] = (await idsIn('asset')).filter((one) => !before.has(one));
  expect(others).toEqual([]);
  expect(await unnamed()).toEqual([expect.stringContaining(id)]);
  const next = await started(postgres.url, 'start');
  const read = async () => await (await fetch(`${next.url}/v1/media/${id}`, { headers: { authorization: `Bearer ${next.token}` } })).json();
  await expect.poll(read, { timeout: 30_000 }).toMatchObject({ media: { status: 'ready' } });
  await expect.poll(unnamed).toEqual([]);
});

describe('after a server was killed between the COMMIT and the answer, a repeat under the same Idempotency-Key is answered with what exists', () => {
  test.each(rows)('$made', async ({ at, sent, event, table, count = 1 }) => {
    const proxy = await startFaultProxy(postgres.url.replace('postgres:', 'http:'), () => ({ kind: 'none' }));
    onTestFinished(async () => await proxy.stop());
    const key = randomUUID();
    const post = async ({ url, token }: Product) => {
      const { body, type } = sent();
      const headers = { authorization: `Bearer ${token}`, 'idempotency-key': key, ...(type === undefined ? {} : { 'content-type': type }) };
      const response = await fetch(`${url}/v1${at}`, { method: 'POST', headers, body });
      return { status: response.status, text: await response.text() };
    };
    const through = new URL(postgres.url);
    through.port = new URL(proxy.origin).port;
    const doomed = await started(through.href);
    const before = new Set(await idsIn(table));
    const made = async () => (await idsIn(table)).filter((id) => !before.has(id));
    proxy.arm(() => ({ kind: 'lost answer', to: event, is: /COMMIT\0/, isSilent: true }));
    const unanswered = post(doomed).catch((error: unknown) => error);
    await expect.poll(proxy.happened).toBe(true);
    await doomed.stop('SIGKILL');
    expect(await unanswered).toBeInstanceOf(TypeError);
    const [first, ...others] = await made();
    expect(others).toEqual([]);
    // The lease of the key is over.
    await client.query(`update idempotency_key set locked_until = 'epoch' where key = $1`, [key]);
    const next = await started(postgres.url);
    const [answer, again] = [await post(next), await post(next)];
    expect(answer).toEqual({ status: expect.toBeOneOf([201, 202, 207]), text: expect.stringContaining(first ?? 'nothing was made') });
    expect(again).toEqual(answer);
    expect(await made()).toHaveLength(count);
  });
});
