import type { AddressInfo } from 'node:net';

import fastify from 'fastify';
import { expect, test } from 'vitest';

import { refuseWhileClosing } from './refuse-while-closing.ts';

test('requests that arrive during a shutdown are refused as a problem with Retry-After, and not begun', async () => {
  const app = fastify({ return503OnClosing: false });
  refuseWhileClosing(app);
  const [closing, rest] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  app.addHook('preClose', async () => (closing.resolve(), await rest.promise));
  let made = 0;
  app.post('/make', async () => ({ made: ++made }));
  await app.listen({ host: '127.0.0.1', port: 0 });
  const ask = async () => await fetch(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}/make`, { method: 'POST' });

  expect(await (await ask()).json()).toEqual({ made: 1 });
  const closed = app.close();
  await closing.promise;
  const refused = await ask();
  expect({ status: refused.status, type: refused.headers.get('content-type'), after: refused.headers.get('retry-after') }).toEqual({
    status: 503,
    type: 'application/problem+json',
    after: expect.stringMatching(/^\d+$/),
  });
  expect(await refused.json()).toMatchObject({ code: 'unavailable', detail: expect.stringContaining('shutting down') });
  expect(made).toBe(1);
  rest.resolve();
  await closed;
});
