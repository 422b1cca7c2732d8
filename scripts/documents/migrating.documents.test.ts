import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createClient } from '@safelight/client';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startProduct, type Product } from '../../packages/server/test/support/product.ts';
import { startRadosgw, whyNoRadosgw, type Radosgw } from '../../packages/server/test/support/radosgw.ts';
import { startTcpPostgres } from '../../packages/server/test/support/tcp-postgres.ts';
import { readBlocks } from './read-blocks.ts';
import { runScript } from './run-script.ts';
import { writeScript } from './write-script.ts';

const root = path.resolve(import.meta.dirname, '../..');
const page = await readFile(path.join(root, 'docs/migrating.md'), 'utf8');
const why = whyNoRadosgw();

/** Different pictures, so that none is recognised from before. */
const picture = async (shade: number): Promise<Buffer> =>
  await sharp({ create: { width: 900, height: 600, channels: 3, background: { r: shade, g: 90, b: 200 } } })
    .jpeg()
    .toBuffer();

/** The commands below a heading of the page. */
function scriptOf(heading: string, url: string): string {
  const from = page.indexOf(`## ${heading}\n`);
  expect(from, heading).toBeGreaterThan(0);
  const end = page.indexOf('\n## ', from + 1);
  const blocks = readBlocks(page.slice(from, end === -1 ? undefined : end)).filter(
    ({ language, notRun, runBy }) => language === 'sh' && notRun === null && runBy === null,
  );
  expect(blocks.length, heading).toBeGreaterThan(0);
  return writeScript(blocks, url);
}

describe.skipIf(why !== null)(why === null ? 'an old application comes over by the commands of the page' : `not migrated: ${why}`, () => {
  let gateway: Radosgw;
  let cloud: Server;
  let product: Product;
  let folder: string;
  const config = path.join(root, 'node_modules/.cache/migrating/safelight.config.mjs');
  const client = () => createClient({ baseURL: product.url, token: product.token });

  beforeAll(async () => {
    [gateway, folder] = await Promise.all([startRadosgw(), mkdtemp(path.join(tmpdir(), 'safelight-migrating-'))]);
    await fillBuckets(gateway);
    cloud = await startCloud();
    await writeConfig(config, gateway.endpoint);
    product = await startProduct('start', { dataDir: path.join(folder, 'data'), env: environment() });
  });
  afterAll(async () => {
    await product.stop();
    cloud.close();
    await gateway.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const environment = (): Record<string, string> => ({
    SAFELIGHT_CONFIG: config,
    OLD_KEY: gateway.credentials.accessKeyId,
    OLD_SECRET: gateway.credentials.secretAccessKey,
    SAFELIGHT_IMPORT_ALLOW_PRIVATE: hostOf(cloud),
  });
  async function follow(heading: string, files: Record<string, string>, env: Record<string, string> = {}): Promise<string> {
    const place = await mkdtemp(path.join(folder, 'reader-'));
    for (const [name, text] of Object.entries(files)) await writeFile(path.join(place, name), text);
    const reader = { place, dataDir: path.join(folder, 'data'), product, env: { ...environment(), ...env } };
    const { code, said } = await runScript(scriptOf(heading, product.url), reader);
    expect(code, said).toBe(0);
    return place;
  }

  test('Supabase Storage: photos of a listing are in the order of the list, and a second run changes nothing', async () => {
    const files = { 'objects.csv': await exportObjects(folder) };
    expect(files['objects.csv']).toBe('9f3/front.jpg,ada\n9f3/back.jpg,ada\n');
    await follow('From Supabase Storage', files, { SUPABASE: gateway.endpoint });
    await follow('From Supabase Storage', files, { SUPABASE: gateway.endpoint });
    const { media } = await client().entities.read('listing', '9f3');
    expect(media.map(({ originalFileName, status }) => [originalFileName, status])).toEqual([
      ['front.jpg', 'ready'],
      ['back.jpg', 'ready'],
    ]);
  });

  test('S3 and scripts: the output has the record of every old URL', async () => {
    const url = `${gateway.endpoint}/old-uploads/2024/me.jpg`;
    const place = await follow('From S3 and scripts', { 'urls.csv': `${url},bob\n` });
    const [known, id = ''] = (await readFile(path.join(place, 'records.csv'), 'utf8')).trim().replaceAll('"', '').split(',');
    expect(known).toBe(url);
    expect(await client().media.read(id)).toMatchObject({ status: 'ready', ownerId: 'bob', collection: 'user.library' });
  });

  test('Active Storage: the attachments of a product become its files', async () => {
    await follow('From Active Storage', { 'blobs.csv': 'xtapjjcjiudrlk3tmwyjgpuobabd,7,eve\n' }, { RAILS: `${gateway.endpoint}/blobs` });
    const { media, tray } = await client().entities.read('product', '7');
    expect([...media, ...(tray ?? [])]).toMatchObject([{ ownerId: 'eve', mimeType: 'image/jpeg' }]);
  });

  test('Cloudinary: every page of the list is imported, with names and descriptions', async () => {
    await follow('From Cloudinary', {}, { CLOUDINARY: `http://${hostOf(cloud)}/v1_1/demo` });
    const names = new Set(['pier.jpg', 'boat.jpg']);
    const { media } = await client().media.list({ collection: 'user.library' });
    const imported = media.filter(({ originalFileName }) => names.has(originalFileName ?? ''));
    expect(new Set(imported.map(({ originalFileName, altText, status }) => [originalFileName, altText, status].join('|')))).toEqual(
      new Set(['boat.jpg||ready', 'pier.jpg|A pier at dusk|ready']),
    );
  });

  test('afterwards records and buckets agree', async () => await follow('Afterwards', {}));
});

const hostOf = (server: Server): string => {
  const address = server.address();
  return address === null || typeof address === 'string' ? '' : `127.0.0.1:${address.port}`;
};

async function fillBuckets({ endpoint, credentials }: Radosgw): Promise<void> {
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials });
  const objects = { photos: ['9f3/front.jpg', '9f3/back.jpg'], 'old-uploads': ['2024/me.jpg'], blobs: ['xtapjjcjiudrlk3tmwyjgpuobabd'] };
  let shade = 20;
  for (const [Bucket, keys] of Object.entries(objects)) {
    await client.send(new CreateBucketCommand({ Bucket }));
    for (const Key of keys) await client.send(new PutObjectCommand({ Bucket, Key, Body: await picture((shade += 30)), ContentType: 'image/jpeg' }));
  }
  client.destroy();
}

/** What the page's own SQL writes in a database whose records are like those of Supabase Storage. */
async function exportObjects(folder: string): Promise<string> {
  const [list] = readBlocks(page).filter(({ language }) => language === 'sql');
  const place = await mkdtemp(path.join(folder, 'old-'));
  const records = `create schema storage;
    create table storage.objects (bucket_id text, name text, owner_id text, created_at timestamptz);
    insert into storage.objects values ('photos', '9f3/back.jpg', 'ada', '2024-02-02'), ('photos', '9f3/front.jpg', 'ada', '2024-02-01'),
      ('avatars', 'me.jpg', 'ada', '2024-01-01');`;
  await writeFile(path.join(place, 'list.sql'), `${records}\n${list?.text}`);
  const postgres = await startTcpPostgres();
  try {
    await promisify(execFile)('psql', ['--no-psqlrc', '--set=ON_ERROR_STOP=1', '--file=list.sql', postgres.url], { cwd: place });
    return await readFile(path.join(place, 'objects.csv'), 'utf8');
  } finally {
    await postgres.close();
  }
}

/** The part of Cloudinary's list that the page reads: two pages of one picture each. */
async function startCloud(): Promise<Server> {
  const bytes = await Promise.all([picture(200), picture(230)]);
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://cloud');
    const isSecond = searchParams.get('next_cursor') === 'second';
    const file = /^\/image\/(\d)/.exec(pathname)?.[1];
    if (file !== undefined) return void response.setHeader('content-type', 'image/jpeg').end(bytes[Number(file)]);
    const secure_url = `http://${hostOf(server)}/image/${isSecond ? 1 : 0}/upload`;
    const resource = isSecond
      ? { public_id: 'trips/boat', format: 'jpg', secure_url }
      : { public_id: 'trips/pier', format: 'jpg', secure_url, context: { custom: { alt: 'A pier at dusk' } } };
    response.setHeader('content-type', 'application/json').end(JSON.stringify({ resources: [resource], ...(isSecond ? {} : { next_cursor: 'second' }) }));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return server;
}

/** The collections of the checkout, with the three old buckets. Inside the checkout, where it finds the package. */
async function writeConfig(file: string, endpoint: string): Promise<void> {
  const store = { provider: 's3', endpoint, target: 'emulator', accessKeyIdVariable: 'OLD_KEY', secretAccessKeyVariable: 'OLD_SECRET' };
  const stores = ['photos', 'old-uploads', 'blobs'].map((location) => ({ ...store, location }));
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `import own from '../../../safelight.config.ts';\nexport default { ...own, additionalStores: ${JSON.stringify(stores)} };\n`);
}
