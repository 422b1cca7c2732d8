import fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';

import { registerConsole, type ConsoleOptions } from './console.ts';

async function openApp(options: Partial<ConsoleOptions> = {}) {
  const app = fastify();
  onTestFinished(() => app.close());
  registerConsole(app, { apiPrefix: '/v1', ...options });
  await app.ready();
  return app;
}

test('serves a page whose files are named by their content, so that they can be cached for ever', async () => {
  const app = await openApp();
  const index = await app.inject('/console');
  expect(index.statusCode).toBe(200);
  expect(index.headers['cache-control']).toBe('no-cache');
  const files = [...index.body.matchAll(/(?:src|href)="(\/console\/assets\/[^"]+)"/g)].map(([, url]) => url ?? '');
  // And the pieces that the first page will load.
  expect(files.map((url) => url.replace(/-[A-Z0-9]{8}\./, '.'))).toEqual(
    expect.arrayContaining(['/console/assets/console.css', '/console/assets/console.js', '/console/assets/icon.svg', '/console/assets/theme.js']),
  );
  for (const url of files) expect(url).toMatch(/-[A-Z0-9]{8}\.(js|css|svg)$/);
  for (const url of files) {
    const plain = await app.inject(url);
    const zipped = await app.inject({ url, headers: { 'accept-encoding': 'gzip, br' } });
    expect(plain.statusCode).toBe(200);
    expect(plain.headers['cache-control']).toContain('immutable');
    expect(plain.headers['x-content-type-options']).toBe('nosniff');
    expect(zipped.headers['content-encoding']).toBe('gzip');
    const whole = await new Response(new Response(new Uint8Array(zipped.rawPayload)).body?.pipeThrough(new DecompressionStream('gzip'))).bytes();
    expect(Buffer.from(whole).equals(plain.rawPayload)).toBe(true);
  }
});

test('runs only its own scripts, and loads only from the given origins', async () => {
  const app = await openApp({ origins: () => ['https://media.example.com'] });
  const policy = String((await app.inject('/console')).headers['content-security-policy']);
  expect(policy).toContain(`default-src 'none'`);
  expect(policy).toContain(`script-src 'self';`);
  expect(policy).toContain(`style-src 'self';`);
  expect(policy).toContain(`connect-src 'self' https://media.example.com;`);
  expect(policy).not.toContain('unsafe');
});

test('answers 304 if nothing changed', async () => {
  const app = await openApp();
  const { headers } = await app.inject('/console');
  const again = await app.inject({ url: '/console', headers: { 'if-none-match': `W/"other", ${headers.etag}` } });
  expect(again.statusCode).toBe(304);
  expect(again.body).toBe('');
});

test('tells the page where the API is, whatever the prefix contains', async () => {
  const app = await openApp({ apiPrefix: '/a"><script>' });
  expect((await app.inject('/console')).body).toContain('content="/a&#34;&#62;&#60;script&#62;"');
});

test('has no other files', async () => {
  const app = await openApp();
  for (const url of ['/console/assets/main.tsx', '/console/assets/..%2findex.html', '/console/index.html']) {
    expect((await app.inject(url)).statusCode, url).toBe(404);
  }
});
