import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';

import type { Store } from '../../storage/store.ts';
import { askStore } from './check-cors.ts';

const origin = 'https://your.app';

/** A bucket that answers preflight requests like this. */
async function bucket(status: number, headers: Record<string, string>): Promise<Pick<Store, 'presignPut' | 'capabilities'>> {
  const server = createServer((request, answer) => answer.writeHead(request.method === 'OPTIONS' ? status : 500, headers).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return {
    capabilities: { presignedPut: 'direct' } as Store['capabilities'],
    presignPut: async (key) => ({
      method: 'PUT',
      url: `http://127.0.0.1:${port}/${key}`,
      headers: { 'content-type': 'text/plain', 'If-None-Match': '*' },
      expiresAt: new Date(),
    }),
  };
}
const asked = async (store: Awaited<ReturnType<typeof bucket>>) =>
  await askStore(store, { name: 's3:photos', origins: [origin], signal: AbortSignal.timeout(10_000) });

const rules = {
  'access-control-allow-origin': origin,
  'access-control-allow-methods': 'GET, PUT',
  'access-control-allow-headers': 'content-type, if-none-match',
};

test.each([rules, { ...rules, 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' }])(
  'a bucket whose rules let a browser upload is fine (%#)',
  async (headers) => {
    expect(await asked(await bucket(200, headers))).toEqual([expect.objectContaining({ result: 'ok' })]);
  },
);

test.each([
  ['answers no preflight', 403, {}, '403'],
  ['names another origin', 200, { ...rules, 'access-control-allow-origin': 'https://other.app' }, 'the origin is not allowed'],
  ['allows no PUT', 200, { ...rules, 'access-control-allow-methods': 'GET' }, 'PUT is not allowed'],
  ['leaves a header out', 200, { ...rules, 'access-control-allow-headers': 'content-type' }, 'the header if-none-match is not allowed'],
])('a bucket that %s is told, with what to do', async (_what, status, headers, said) => {
  const [finding] = await asked(await bucket(status, headers));
  expect(finding).toMatchObject({ result: 'warning', detail: expect.stringContaining(said), fix: expect.stringContaining('doctor --cors') });
});

test('if Safelight takes the bytes itself there is nothing to check', async () => {
  const store = await bucket(403, {});
  expect(await asked({ ...store, capabilities: { ...store.capabilities, presignedPut: 'served' } })).toEqual([]);
});
