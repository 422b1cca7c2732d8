import { expect, test } from 'vitest';

import { answerJson, providerStub } from '../../../test/support/provider-stub.ts';
import { checkTraces } from './check-traces.ts';

const how = (env: NodeJS.ProcessEnv = {}) => ({ signal: AbortSignal.timeout(20_000), env });

test('a collector that accepts traces passes, with the key that the exporter would send', async () => {
  const { origin } = await providerStub(
    ({ method, path, headers }) => (method === 'POST' && path === '/v1/traces' ? null : `${method} ${path} ${String(headers['x-key'])}`),
    (one, response) => answerJson(one.headers['x-key'] === 'a b' ? 200 : 401, {})(one, response),
  );
  const traces = { endpoint: `${origin}/`, ratio: 0.1 };
  expect(await checkTraces({ traces }, how({ OTEL_EXPORTER_OTLP_HEADERS: 'x-key=a%20b,x-team=media' }))).toEqual([
    { check: 'traces', result: 'ok', detail: 'the collector takes them; 0.1 of requests are traced' },
  ]);
  expect(await checkTraces({ traces }, how())).toMatchObject([
    { result: 'failed', detail: 'the collector answered 401', fix: expect.stringContaining('_HEADERS') },
  ]);
});

test('for an unreachable collector doctor says what to check', async () => {
  const [finding] = await checkTraces({ traces: { endpoint: 'http://127.0.0.1:9', ratio: 1 } }, how());
  expect(finding).toMatchObject({ result: 'failed', detail: expect.stringContaining('cannot be reached'), fix: expect.stringContaining('4318') });
});

test('without an endpoint nothing is sent', async () => {
  expect(await checkTraces({ traces: { endpoint: null, ratio: 1 } }, how())).toMatchObject([{ result: 'ok', detail: expect.stringContaining('not sent') }]);
});
