import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { expect, test } from 'vitest';

import { testDatabase } from './support/database.ts';
import { quadrants } from './support/pictures.ts';
import { startProduct } from './support/product.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const ownConfig = pathToFileURL(path.resolve(import.meta.dirname, '../../../safelight.config.ts'));

test('without a prefix the API and the delivered media share one origin, and each request reaches the right one', async () => {
  const dataDir = await temporaryDirectory();
  const config = path.join(dataDir, 'safelight.config.ts');
  await writeFile(config, `import base from '${ownConfig.href}';\nexport default { ...base, apiPrefix: '' };\n`);
  const { connectionString } = await testDatabase();
  const product = await startProduct('start', { dataDir, env: { DATABASE_URL: connectionString, SAFELIGHT_CONFIG: config } });
  const headers = { authorization: `Bearer ${product.token}` };
  const form = new FormData();
  for (const [name, value] of Object.entries({ collection: 'artist.images', entityType: 'artist', entityId: '42' })) form.append(name, value);
  form.append('file', new Blob([await quadrants().jpeg().toBuffer()]), 'a.jpg');

  const uploaded = await fetch(`${product.url}/media`, { method: 'POST', headers, body: form });
  expect({ status: uploaded.status, location: uploaded.headers.get('location') }).toEqual({ status: 201, location: expect.stringMatching(/^\/media\//) });
  const { media } = (await uploaded.json()) as { media: { id: string; src: string } };
  const record = await fetch(`${product.url}/media/${media.id}`);
  expect(await record.json()).toMatchObject({ media: { id: media.id } });
  const delivered = await fetch(media.src);
  expect({ status: delivered.status, type: delivered.headers.get('content-type') }).toEqual({ status: 200, type: 'image/jpeg' });
  expect((await fetch(media.src, { method: 'HEAD' })).headers.get('etag')).toBe(delivered.headers.get('etag'));
  const { paths } = (await (await fetch(`${product.url}/openapi.json`)).json()) as { paths: object };
  expect(Object.keys(paths)).toContain('/media/{id}');
  await product.stop();
});
