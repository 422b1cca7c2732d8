import { operations } from '@safelight/contract/operations';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, test } from 'vitest';

import { ask, expectProblem, into, readyMedia, target } from './support/api.ts';
import { jpeg } from './support/pictures.ts';

const open = { token: null };

describe('an operator', () => {
  test.each(target.urls)('finds out at %s whether it lives and is ready', async (server) => {
    expect((await ask('GET', '//healthz', { ...open, server })).body).toEqual({ status: 'ok' });
    const ready = await ask('GET', '//readyz', { ...open, server });
    expect({ status: ready.status, body: ready.body }).toMatchObject({ status: 200, body: { status: 'ready', checks: { database: 'ok', storage: 'ok' } } });
    expect(ready.headers.get('cache-control')).toBe('no-store');
  });

  test('reads metrics that Prometheus understands', async () => {
    await ask('GET', '/media/019aa000-0000-7000-8000-000000000000', open);
    const { status, headers, bytes } = await ask('GET', '//metrics');
    expect({ status, type: headers.get('content-type') }).toEqual({ status: 200, type: expect.stringMatching(/^text\/plain; version=0\.0\.4/) });
    const lines = bytes
      .toString()
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    for (const line of lines) expect(line).toMatch(/^[a-zA-Z_:][a-zA-Z0-9_:]*(\{([a-zA-Z_][a-zA-Z0-9_]*="([^"\\]|\\.)*",?)*\})? \S+$/);
    // Labels are routes, never text from a request.
    expect(bytes.toString()).not.toContain('019aa000');
  });

  test('finds every answer in the log, by its request id', async () => {
    const given = 'my-own-id-0001';
    expect((await ask('GET', '/media', { headers: { 'x-request-id': given } })).headers.get('x-request-id')).toBe(given);
    const refused = await ask('GET', '/nowhere', { headers: { 'x-request-id': 'not an id, but words' } });
    expect(refused.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
    expect(refused.body.requestId).toBe(refused.headers.get('x-request-id'));
  });
});

test('HEAD answers like GET, without a body', async () => {
  const { id } = await readyMedia(into('artist.images'), await jpeg());
  // The rules of a collection that no other test changes.
  for (const path of [`/media/${id}`, '/media', '/meta/media-rules?collection=brand.assets', '//healthz', '//openapi.json', '//docs']) {
    const [head, get] = [await ask('HEAD', path), await ask('GET', path)];
    const told = ({ status, headers }: typeof get) => ({
      path,
      status,
      ...Object.fromEntries(['etag', 'content-type'].map((name) => [name, headers.get(name)])),
    });
    expect({ ...told(head), bytes: head.bytes.length }).toEqual({ ...told(get), bytes: 0 });
  }
});

test('OPTIONS lists exactly the methods that a path accepts, also to preflight requests', async () => {
  const { paths } = (await ask('GET', '//openapi.json', open)).body as { paths: Record<string, object> };
  const id = '019aa000-0000-7000-8000-000000000000';
  const served = [
    ...Object.keys(paths).map((path) => path.replaceAll(/\{\w+\}/g, id)),
    '/healthz',
    `/media/${id}`,
    `/view/${id}`,
    '/console',
    '/v1/uploads/tus',
  ];
  const named = (answer: Awaited<ReturnType<typeof ask>>, header: string): string[] => (answer.headers.get(header) ?? '').split(', ');
  for (const path of served) {
    const preflight = await ask('OPTIONS', `/${path}`, {
      ...open,
      headers: { origin: 'https://shop.example', 'access-control-request-method': 'PUT', 'access-control-request-headers': 'authorization' },
    });
    expect({ path, status: preflight.status }).toEqual({ path, status: 204 });
    const methods = named(preflight, 'access-control-allow-methods');
    const announced = await ask('OPTIONS', `/${path}`, open);
    if (announced.headers.has('allow')) expect({ path, methods: named(announced, 'allow') }).toEqual({ path, methods });
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      // Without a token nothing happens; whether a method exists is answered before authentication.
      if (method === 'GET' && path.endsWith('/events')) continue;
      const { status, headers } = await ask(method, `/${path}`, open);
      if (methods.includes(method)) expect({ path, method, status }).not.toEqual({ path, method, status: 405 });
      if (status === 405) expect({ path, allow: headers.get('allow') }).toEqual({ path, allow: methods.join(', ') });
    }
  }
});

test('OPTIONS of an unknown path answers 404', async () => {
  expectProblem(await ask('OPTIONS', '/nowhere/at/all', open), 404, 'not_found');
});

test('a method that a path does not have is refused with those that it has', async () => {
  const id = '019aa000-0000-7000-8000-000000000000';
  const cases: [method: string, path: string, allow: string][] = [
    ['POST', `/media/${id}`, 'DELETE, GET, HEAD, OPTIONS, PATCH'],
    ['DELETE', '/media', 'GET, HEAD, OPTIONS, POST'],
    ['GET', '/media/upload/init', 'OPTIONS, POST'],
    ['PATCH', '/policies/brand.assets?x=1', 'GET, HEAD, OPTIONS, PUT'],
    ['POST', '/events', 'GET, OPTIONS'],
    ['POST', '//healthz', 'GET, HEAD, OPTIONS'],
    ['PUT', '//view/nothing', 'GET, HEAD, OPTIONS'],
  ];
  for (const [method, path, allow] of cases) {
    const refused = await ask(method, path, open);
    expectProblem(refused, 405, 'invalid_request');
    expect({ path, allow: refused.headers.get('allow') }).toEqual({ path, allow });
  }
  // A path that only matches a pattern is not known to exist.
  for (const path of ['/nowhere', '/media/a/b/c', '//storage/a', '//nowhere']) expectProblem(await ask('PATCH', path, open), 404, 'not_found');
});

describe('the API describes itself', () => {
  test('in an OpenAPI 3.1 document that is valid and holds every operation', async () => {
    const { body } = await ask('GET', '//openapi.json', open);
    expect(await new Validator().validate(body)).toEqual({ valid: true });
    expect(body.openapi).toMatch(/^3\.1\./);
    const described = Object.values(body.paths as Record<string, Record<string, { operationId: string }>>).flatMap((methods) =>
      Object.values(methods).map(({ operationId }) => operationId),
    );
    expect(described.filter((id) => id in operations).toSorted()).toEqual(Object.keys(operations).toSorted());
    for (const id of ['deliverArtifact', 'downloadMedia', 'appendTusBytes', 'putBytes']) expect(described).toContain(id);
    const refusals = Object.keys(body.paths['/v1/media/{id}'].patch.responses);
    for (const status of ['404', '410', '412', '413', '415', 'default']) expect(refusals).toContain(status);
  });

  test('correctly: a record has exactly the documented fields', async () => {
    const { body } = await ask('GET', '//openapi.json', open);
    const media = await readyMedia(into('artist.images'), await jpeg());
    expect(Object.keys(media).toSorted()).toEqual(Object.keys(body.components.schemas.Media.properties).toSorted());
  });

  test('on a page for people, which loads its program from here and contacts no other host', async () => {
    const page = await ask('GET', '//docs', open);
    expect({ status: page.status, type: page.headers.get('content-type') }).toEqual({ status: 200, type: 'text/html; charset=utf-8' });
    expect(page.bytes.toString()).toContain('src="/docs/reference.js"');
    const policy = page.headers.get('content-security-policy') ?? '';
    for (const rule of ["default-src 'none'", "script-src 'self' 'sha256-", "connect-src 'self';"]) expect(policy).toContain(rule);
    expect(policy).not.toMatch(/https?:|script-src[^;]*unsafe/);
    const program = await ask('GET', '//docs/reference.js', open);
    expect({ status: program.status, type: program.headers.get('content-type') }).toEqual({ status: 200, type: 'text/javascript; charset=utf-8' });
    expect(program.bytes.toString()).toContain('createApiReference');
  });
});
