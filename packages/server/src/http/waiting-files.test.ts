import { Readable } from 'node:stream';

import { expect, test } from 'vitest';

import { WaitingFiles } from './waiting-files.ts';

test('a temporary directory that takes no files is no fault of the form whose files wait there', async () => {
  const waiting = new WaitingFiles('/dev/null');
  const body = Readable.from(['bytes']);
  const add = waiting.add({ fileName: 'a.bin', contentType: 'application/octet-stream', body });
  await expect(add).rejects.toMatchObject({ code: 'storage_unavailable' });
  await waiting.close();
});
