import { randomBytes } from 'node:crypto';

import { expect, test, vi } from 'vitest';

import { startCollector, type CollectedSpan } from './support/collector.ts';
import { testDatabase } from './support/database.ts';
import { quadrants } from './support/pictures.ts';
import { startProduct } from './support/product.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';

const upload = async (url: string, token: string, headers: Record<string, string> = {}): Promise<Response> => {
  const form = new FormData();
  form.append('collection', 'user.library');
  form.append('file', new Blob([await quadrants().jpeg().toBuffer()]), 'holiday-in-private.jpg');
  return await fetch(`${url}/v1/media`, { method: 'POST', headers: { authorization: `Bearer ${token}`, ...headers }, body: form });
};

test('a trace follows an upload from its request through the job of another process to the store and the SQL statements', async () => {
  const collector = await startCollector();
  const { connectionString } = await testDatabase();
  const dataDir = await temporaryDirectory();
  const env = { DATABASE_URL: connectionString, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  const [server, worker] = await Promise.all([
    startProduct('serve', { dataDir, env: { ...env, OTEL_SERVICE_NAME: 'pictures' } }),
    startProduct('worker', { dataDir, env }),
  ]);
  const [traceId, parentId] = [randomBytes(16).toString('hex'), randomBytes(8).toString('hex')];
  const { token } = server;
  const answer = await upload(server.url, token, { traceparent: `00-${traceId}-${parentId}-01` });
  expect(answer.status).toBe(202);

  const ofTrace = (): CollectedSpan[] => collector.spans.filter((span) => span.traceId === traceId);
  const named = (name: string): CollectedSpan[] => ofTrace().filter((span) => span.name === name);
  await vi.waitFor(() => expect(named('job process')).not.toHaveLength(0), { timeout: 30_000, interval: 50 });
  await Promise.all([server.stop(), worker.stop()]);

  const [request] = named('POST /v1/media');
  expect(request).toMatchObject({
    parentSpanId: parentId,
    service: 'pictures',
    failed: false,
    attributes: { 'http.response.status_code': 202, 'safelight.request_id': answer.headers.get('x-request-id') },
  });
  const [job] = named('job process');
  expect(job).toMatchObject({ parentSpanId: request?.spanId, service: 'safelight', attributes: { 'safelight.job.outcome': 'complete' } });
  const childrenOf = (span: CollectedSpan | undefined): string[] => ofTrace().flatMap((child) => (child.parentSpanId === span?.spanId ? [child.name] : []));
  expect(childrenOf(request)).toEqual(expect.arrayContaining(['storage put', 'BEGIN', 'COMMIT']));
  expect(childrenOf(job)).toEqual(expect.arrayContaining(['decoder render', 'COMMIT']));
  const [decoder] = named('decoder render');
  expect(childrenOf(decoder)).toContain('storage put');
  const ids = new Set([parentId, ...ofTrace().map((span) => span.spanId)]);
  expect(ofTrace().filter((span) => !ids.has(span.parentSpanId))).toEqual([]);

  // Polling for jobs, leases and other upkeep belong to no request, and are not traced.
  expect(collector.spans.filter((span) => span.parentSpanId === '' && !/^(POST|GET|job) /.test(span.name))).toEqual([]);
  const told = JSON.stringify(collector.spans);
  for (const secret of [token, 'holiday-in-private']) expect(told).not.toContain(secret);
});

test('a failed attempt has its outcome in the trace, and an error of ours sets the status', async () => {
  const collector = await startCollector();
  const product = await startProduct('start', { dataDir: await temporaryDirectory(), env: { OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/` } });
  const form = new FormData();
  form.append('collection', 'user.library');
  const whole = await quadrants().jpeg().toBuffer();
  form.append('file', new Blob([whole.subarray(0, whole.length / 2)]), 'cut.jpg');
  await fetch(`${product.url}/v1/media`, { method: 'POST', headers: { authorization: `Bearer ${product.token}` }, body: form });
  const failed = (): CollectedSpan[] => collector.spans.filter((span) => span.name === 'job process');
  await vi.waitFor(() => expect(failed()).not.toHaveLength(0), { timeout: 30_000, interval: 50 });
  expect(failed()).toContainEqual(expect.objectContaining({ failed: true, attributes: expect.objectContaining({ 'safelight.job.outcome': 'failed' }) }));
  await product.stop();
});

test('without a ratio only requests that belong to a trace already are traced', async () => {
  const collector = await startCollector();
  const product = await startProduct('start', {
    dataDir: await temporaryDirectory(),
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, SAFELIGHT_TRACE_RATIO: '0' },
  });
  const traceId = randomBytes(16).toString('hex');
  const ask = async (headers: Record<string, string>): Promise<Response> =>
    await fetch(`${product.url}/v1/media`, { headers: { authorization: `Bearer ${product.token}`, ...headers } });
  for (const headers of [{}, { traceparent: `00-${traceId}-${'a'.repeat(16)}-01` }, { traceparent: 'not one' }, { traceparent: '' }])
    expect((await ask(headers)).status).toBe(200);
  await product.stop();
  expect(new Set(collector.spans.map((span) => span.traceId))).toEqual(new Set([traceId]));
});

test.each([
  ['takes nothing', false],
  ['is away', true],
])('a collector that %s keeps nobody waiting, and is told of in one line', async (_how, away) => {
  const collector = await startCollector({ answers: false });
  const product = await startProduct('start', {
    dataDir: await temporaryDirectory(),
    env: { OTEL_EXPORTER_OTLP_ENDPOINT: away ? 'http://127.0.0.1:9' : collector.url, OTEL_EXPORTER_OTLP_TIMEOUT: '500' },
  });
  expect((await upload(product.url, product.token)).status).toBe(202);
  await vi.waitFor(() => expect(product.output()).toContain('Traces could not be sent to the collector.'), { timeout: 30_000, interval: 50 });
  expect((await upload(product.url, product.token)).status).toBe(202);
  expect(await product.stop()).toEqual({ code: 0, signal: null });
  expect(product.output().split('Traces could not be sent').length - 1).toBe(1);
});
