import { Readable } from 'node:stream';

import { beforeAll, expect, test } from 'vitest';

import { resumableContext, testUploads, type TestUploads } from '../../test/support/uploads.ts';
import { systemActor } from '../lib/context.ts';
import { secondsFrom } from '../lib/clock.ts';
import { appendBytes } from './append-bytes.ts';
import { finishWholeUploads } from './finish-whole-uploads.ts';
import type { ResumableContext } from './hold-upload.ts';
import { openResumable } from './open-resumable.ts';

let uploads: TestUploads;
let client: ResumableContext;
beforeAll(async () => {
  uploads = await testUploads();
  client = resumableContext(uploads);
});

/** Bytes that a PATCH brings, up to the moment at which they are durable; there its server dies. */
async function sent(bytes: Buffer, length: number, concat: 'partial' | null = null): Promise<string> {
  const session = await openResumable(client, {
    destination: concat === 'partial' ? null : { collection: 'product.files', entityType: 'product', entityId: '1' },
    fileName: 'a.bin',
    contentType: null,
    length,
    metadata: null,
    concat,
  });
  await appendBytes(client, { session, offset: 0, body: Readable.from([bytes]), contentLength: bytes.length, length: null, checksum: null });
  return session.id;
}
const stateOf = async (id: string) =>
  await uploads.ctx.site.db.selectFrom('upload_session').select(['state', 'owner_id', 'job_id']).where('id', '=', id).executeTakeFirstOrThrow();

test('upkeep finishes an upload whose bytes had all arrived when its server died, and leaves the others', async () => {
  const whole = await sent(Buffer.alloc(1000, 1), 1000);
  const begun = await sent(Buffer.alloc(500, 2), 1000);
  const partial = await sent(Buffer.alloc(1000, 3), 1000, 'partial');
  const held = await sent(Buffer.alloc(1000, 4), 1000);
  const upkeep = { ...uploads.ctx, actor: systemActor };
  // Its request may still be running.
  expect(await finishWholeUploads(upkeep)).toEqual({ finished: 0 });

  uploads.time.now = secondsFrom(uploads.time.now, 60);
  await uploads.ctx.site.db
    .updateTable('upload_session')
    .set({ lock_holder: crypto.randomUUID(), lock_until: secondsFrom(uploads.time.now, 5) })
    .where('id', '=', held)
    .execute();
  expect(await finishWholeUploads(upkeep)).toEqual({ finished: 1 });
  expect(await stateOf(whole)).toEqual({ state: 'finalizing', owner_id: 'bea', job_id: expect.any(String) });
  expect(await Promise.all([begun, partial, held].map(async (id) => (await stateOf(id)).state))).toEqual(['open', 'open', 'open']);
  expect(await finishWholeUploads(upkeep)).toEqual({ finished: 0 });
});
