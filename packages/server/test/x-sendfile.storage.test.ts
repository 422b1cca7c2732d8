import { readFile } from 'node:fs/promises';
import path from 'node:path';

import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';

import { clientOf } from './support/product-client.ts';
import { startProduct } from './support/product.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

test('x-sendfile: Safelight decides and names the file, the web server in front sends it; a viewer who may not see it gets no file', async () => {
  const dataDir = await temporaryDirectory();
  const product = await startProduct('start', { dataDir, env: { SAFELIGHT_CONFIG: path.join(import.meta.dirname, 'support/sendfile.config.ts') } });
  onTestFinished(async () => void (await product.stop()));
  const client = clientOf(product);
  const bytes = await sharp({ create: { width: 500, height: 400, channels: 3, background: '#2b3' } })
    .jpeg()
    .toBuffer();
  const uploaded = await client.upload({ collection: 'accelerated.photos', entityType: 'listing', entityId: 'sendfile' }, bytes, 'fête 100%.jpg');
  const { id, src } = await client.settled(uploaded.body.media.id);
  const answer = await client.ask('GET', src ?? '');
  expect({ status: answer.status, bytes: answer.bytes.length }).toEqual({ status: 200, bytes: 0 });
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-type': 'image/webp',
    'x-content-type-options': 'nosniff',
    'content-security-policy': expect.stringContaining('sandbox'),
    etag: expect.any(String),
  });
  // mod_xsendfile decodes the path.
  const file = decodeURIComponent(answer.headers.get('x-sendfile') ?? '');
  expect(file.startsWith(`${path.join(dataDir, 'objects')}${path.sep}`)).toBe(true);
  expect((await sharp(await readFile(file)).metadata()).format).toBe('webp');

  expect((await client.ask('GET', src ?? '', undefined, { 'if-none-match': answer.headers.get('etag') ?? '' })).status).toBe(304);
  await client.ask('DELETE', `/media/${id}`);
  const hidden = await client.ask('GET', src ?? '');
  expect({ status: hidden.status, file: hidden.headers.get('x-sendfile') }).toEqual({ status: 404, file: null });
});
