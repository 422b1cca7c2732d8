import { randomUUIDv7 } from 'node:crypto';

import { sql } from '#kysely';
import { expect, test } from 'vitest';

import { testUploads } from '../../test/support/uploads.ts';
import { accessTokenOf } from '../grants/access-token.ts';
import { newOpaqueToken } from '../lib/ids.ts';
import { findDelivery, findMediaDelivery, type DeliveryContext } from './find-delivery.ts';
import { findAllGranted, findGranted } from './find-granted.ts';
import { signMediaURL } from './sign-media-url.ts';

const { ctx: declared } = await testUploads();
const { db } = declared.site;
/** The same site after a start with a configuration that forgot the collection. */
const forgotten: DeliveryContext = { ...declared, site: { ...declared.site, collections: new Map() } };
const by = (ctx: DeliveryContext, id: string): DeliveryContext => ({ ...ctx, actor: { id, scopes: new Set() } });

const [mediaId, grantId, transaction, token] = [randomUUIDv7(), randomUUIDv7(), 'order-1', newOpaqueToken()];
await sql`
  insert into asset (id, collection, owner_id, kind, purpose, status, review, original_file_name, mime_type, byte_size, sort_order)
  values (${mediaId}, 'product.files', 'ada', 'file', 'product', 'ready', 'not_required', 'a.bin', 'application/octet-stream', 1, 0)`.execute(db);
for (const [role, opaque] of [
  ['source', null],
  ['preview', token],
])
  await sql`
    insert into object (id, provider, location, key, state, role, asset_id, token, bytes, mime_type, sha256)
    values (${randomUUIDv7()}, 'filesystem', 'objects', ${role}, 'stored', ${role}, ${mediaId}, ${opaque}, 1, 'application/octet-stream', ${'a'.repeat(64)})`.execute(
    db,
  );
await sql`insert into grant_ (id, transaction, request, created_by) values (${grantId}, ${transaction}, '{}', 'ada')`.execute(db);
await sql`insert into grant_asset (grant_id, asset_id, position) values (${grantId}, ${mediaId}, 0)`.execute(db);

const access = accessTokenOf(declared.site.signing, { id: grantId, generation: 1 });
const bought = { transaction, mediaId, role: undefined, access };
const signed = new URL((await signMediaURL(declared, { id: mediaId, role: 'source', caller: '127.0.0.1' })).url);
const shown = {
  signature: signed.searchParams.get('signature') ?? '',
  role: 'source' as const,
  disposition: 'attachment' as const,
  address: null,
  caller: '127.0.0.1',
};

const doors: [string, (ctx: DeliveryContext) => Promise<unknown>][] = [
  ['a buyer', async (ctx) => await findGranted(by(ctx, ''), bought)],
  ['a buyer of an archive', async (ctx) => await findAllGranted(by(ctx, ''), { transaction, access })],
  ['whoever has a signed address', async (ctx) => await findMediaDelivery(by(ctx, ''), { mediaId, disposition: 'attachment', shown })],
  ['its owner', async (ctx) => await findMediaDelivery(by(ctx, 'ada'), { mediaId, disposition: 'attachment' })],
  ['its owner, by an opaque address', async (ctx) => await findDelivery(by(ctx, 'ada'), { token })],
];

test.each(doors)('%s is told to try again when the configuration lacks the collection, not that the file is gone', async (_who, open) => {
  await expect(open(declared)).resolves.toBeDefined();
  await expect(open(forgotten)).rejects.toMatchObject({ code: 'unavailable', retryable: true, headers: { 'retry-after': expect.any(String) } });
});

test('who has no right to it learns nothing of it', async () => {
  await expect(findGranted(by(forgotten, ''), { ...bought, access: undefined })).rejects.toMatchObject({ code: 'not_found' });
  await expect(findMediaDelivery(by(forgotten, 'eve'), { mediaId, disposition: 'attachment' })).rejects.toMatchObject({ code: 'not_found' });
  await expect(findDelivery(by(forgotten, ''), { token })).rejects.toMatchObject({ code: 'not_found' });
});
