import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

import { expect, onTestFinished, test } from 'vitest';

import { openS3Store } from './open-s3-store.ts';

test('a provider may take longer for copying a large object than it may otherwise be silent', async () => {
  let copies = 0;
  const provider = createServer(async (request, response) => {
    request.resume();
    if (request.method === 'HEAD')
      return void response.writeHead(200, { 'content-length': 2e9, etag: '"a"', 'last-modified': new Date(0).toUTCString() }).end();
    copies += 1;
    await delay(1_500);
    response.writeHead(200, { 'content-type': 'application/xml' }).end('<CopyObjectResult><ETag>"a"</ETag></CopyObjectResult>');
  });
  await once(provider.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => provider.close().closeAllConnections());
  const store = await openS3Store({
    provider: 's3',
    location: 'bucket',
    executionTarget: 'emulator',
    endpoint: `http://127.0.0.1:${(provider.address() as AddressInfo).port}`,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    idleTimeoutMs: 300,
  });
  onTestFinished(async () => await store.close());
  expect((await store.copy('from', 'to')).bytes).toBe(2e9);
  expect(copies).toBe(1);
});
