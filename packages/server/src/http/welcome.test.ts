import fastify from 'fastify';
import { expect, test } from 'vitest';

import { loadConfig } from '../config.ts';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { registerWelcome } from './welcome.ts';

const { collections } = await loadConfig({ SAFELIGHT_DATA_DIR: await temporaryDirectory() }, process.cwd());
const html = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

function appThat(checks: Record<string, string>) {
  const app = fastify();
  const isReady = Object.values(checks).every((state) => state === 'ok');
  registerWelcome(app, { apiPrefix: '/v1', collections, baseURL: 'https://media.example.com', readiness: async () => ({ isReady, checks }) });
  return app;
}

test('a person finds the status, the console, the reference and a command for a first upload', async () => {
  const { statusCode, headers, body } = await appThat({ database: 'ok' }).inject({ url: '/', headers: html });
  expect([statusCode, headers['content-type'], headers['vary']]).toEqual([200, 'text/html; charset=utf-8', 'accept']);
  for (const part of ['>Ready<', 'href="/console"', 'href="/docs"', 'curl https://media.example.com/v1/media', 'Bearer $TOKEN', '-F file=@photo.jpg'])
    expect(body).toContain(part);
  expect(headers['content-security-policy']).toMatch(/default-src 'none'; script-src 'sha256-/);
});

test('a person reads which part does not work', async () => {
  const { body } = await appThat({ database: 'broken', storage: 'ok' }).inject({ url: '/', headers: html });
  expect(body).toContain('Not ready: database does not work');
});

test('a program gets the same as a few words of JSON', async () => {
  const answer = await appThat({ database: 'ok' }).inject({ url: '/', headers: { accept: '*/*' } });
  expect(answer.json()).toMatchObject({ name: 'Safelight', status: 'ready', api: '/v1/', openapi: '/openapi.json', docs: '/docs', console: '/console' });
});
