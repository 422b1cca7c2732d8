import { PassThrough } from 'node:stream';

import { beforeAll, expect, test } from 'vitest';

import { testUploads, type TestUploads } from '../../test/support/uploads.ts';
import { SafelightError } from '../lib/errors.ts';
import { receiveFile } from './receive-file.ts';

let uploads: TestUploads;
beforeAll(async () => {
  uploads = await testUploads();
});

const receive = (body: PassThrough, signal = uploads.ctx.signal) =>
  receiveFile(
    { ...uploads.ctx, signal },
    { destination: { collection: 'product.files', entityType: 'product', entityId: '1' }, fileName: 'a.bin', contentType: null, body },
  );
const states = async () => (await uploads.ctx.site.db.selectFrom('upload_session').select('state').execute()).map(({ state }) => state);

test('nothing stays of a file whose client leaves, or whose form breaks, in the middle', async () => {
  for (const end of ['goes', 'breaks'] as const) {
    const body = new PassThrough();
    const client = new AbortController();
    const received = receive(body, client.signal);
    received.catch(() => undefined);
    body.write(Buffer.alloc(200_000, 1));
    // By then the bytes are on their way to the store.
    await expect.poll(async () => await uploads.files()).toHaveLength(1);
    if (end === 'goes') client.abort(new Error('the caller has gone'));
    else body.destroy(new SafelightError('upload_incomplete', 'The connection was cut.'));
    await expect(received).rejects.toThrow();
    expect({ objects: await uploads.objects(), files: await uploads.files() }).toEqual({ objects: [], files: [] });
  }
  expect(await states()).toEqual(['aborted', 'aborted']);
});
