import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { expect, onTestFinished, test, vi } from 'vitest';

import { patienceMs } from '../lib/patience.ts';
import { createMetrics, type Metrics } from './metrics.ts';

const docs = path.resolve(import.meta.dirname, '../../../../docs');
const opened = (readBacklog: Parameters<typeof createMetrics>[0]['readBacklog'] = async () => null): Metrics =>
  createMetrics({
    readBacklog,
    openStreams: () => 3,
    runningJobs: () => 0,
    decoders: () => ({ busy: 0, reservedBytes: 0 }),
    webhooks: () => ({ delivered: 0 }),
  });

test('each metric in the documentation, the dashboard and the alert rules exists, and each of ours is documented', async () => {
  const metrics = (await opened().registry.getMetricsAsJSON()).map(({ name }) => name);
  const known = new Set(metrics);
  for (const file of ['monitoring.md', 'monitoring/dashboard.json', 'monitoring/alerts.yml']) {
    const named = (await readFile(path.join(docs, file), 'utf8')).match(/\b(?:safelight|process|nodejs)_[a-z0-9_]*[a-z0-9]\b/g) ?? [];
    const unknown = named.filter((name) => !known.has(name) && !known.has(name.replace(/_(?:bucket|count|sum)$/, '')));
    expect({ file, count: named.length > 3, unknown }).toEqual({ file, count: true, unknown: [] });
  }
  const page = await readFile(path.join(docs, 'monitoring.md'), 'utf8');
  expect(metrics.filter((name) => name.startsWith('safelight_') && !page.includes(`\`${name}\``))).toEqual([]);
});

test('the backlog is measured by lane and state in one query, and left out while the database is away', async () => {
  let looks = 0;
  const metrics = opened(async () => {
    looks += 1;
    return { lanes: [{ lane: 'short', jobs: 2000, owners: 2, oldestSeconds: 12.5 }], ledger: { writing: 1, deleting: 2, stored: 30 } };
  });
  const text = await metrics.registry.metrics();
  expect(looks).toBe(1);
  for (const line of [
    'safelight_jobs_waiting{lane="short"} 2000',
    'safelight_jobs_waiting_owners{lane="short"} 2',
    'safelight_jobs_oldest_waiting_seconds{lane="short"} 12.5',
    'safelight_ledger_rows{state="deleting"} 2',
    'safelight_event_streams 3',
  ])
    expect(text).toContain(line);
  const away = await opened(async () => {
    throw new Error('away');
  }).registry.metrics();
  expect(away).not.toMatch(/safelight_jobs_waiting\{/);
  expect(away).toContain('safelight_event_streams 3');
});

test('generations are counted by provider, model and outcome, with their cost', async () => {
  const metrics = opened();
  const one = { provider: 'gemini', model: 'lamp-1', kind: 'image' as const, outcome: 'partial' as const, seconds: 12 };
  metrics.observeGeneration({ ...one, outputs: { stored: 3, provider_refused: 1 }, cost: { amount: 0.12, currency: 'EUR' } });
  const text = await metrics.registry.metrics();
  for (const line of [
    'safelight_generations_total{provider="gemini",model="lamp-1",outcome="partial"} 1',
    'safelight_generation_outputs_total{provider="gemini",model="lamp-1",outcome="stored"} 3',
    'safelight_generation_outputs_total{provider="gemini",model="lamp-1",outcome="provider_refused"} 1',
    'safelight_generation_seconds_sum{provider="gemini",model="lamp-1"} 12',
    'safelight_generation_cost_total{provider="gemini",model="lamp-1",currency="EUR"} 0.12',
  ])
    expect(text).toContain(line);
});

test('calls of stores, received bytes and ended jobs are counted', async () => {
  const metrics = opened();
  metrics.observeStore({ store: 's3:media', operation: 'put', seconds: 0.2, code: null, bytes: 500 });
  metrics.observeStore({ store: 's3:media', operation: 'head', seconds: 5, code: 'storage_unavailable', bytes: 0 });
  metrics.observeRequest({ method: 'POST', route: '/v1/media', status: 202, seconds: 0.1, receivedBytes: 700 });
  metrics.observeJob({ type: 'process', outcome: 'complete', seconds: 1 });
  metrics.observeEventDelay(0.02);
  const text = await metrics.registry.metrics();
  for (const line of [
    'safelight_store_written_bytes_total{store="s3:media"} 500',
    'safelight_store_errors_total{store="s3:media",operation="head",code="storage_unavailable"} 1',
    'safelight_store_seconds_count{store="s3:media",operation="put"} 1',
    'safelight_http_received_bytes_total{method="POST",route="/v1/media"} 700',
    'safelight_jobs_total{type="process",outcome="complete"} 1',
    'safelight_event_delay_seconds_count 1',
  ])
    expect(text).toContain(line);
});

test('an event loop that was held up shows as lag at the next scrape', async () => {
  const { registry } = opened();
  const heldUntil = performance.now() + 400;
  while (performance.now() < heldUntil);
  await setTimeout(1);
  expect(Number(/^nodejs_eventloop_lag_max_seconds (.+)$/m.exec(await registry.metrics())?.[1])).toBeGreaterThan(0.25);
});

test('a scrape does not wait for a frozen database, because the scraper would not wait either', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  onTestFinished(() => void vi.useRealTimers());
  const scraped = opened(async () => await new Promise(() => undefined)).registry.metrics();
  await vi.advanceTimersByTimeAsync(patienceMs.check);
  expect(await scraped).toContain('safelight_jobs_running 0');
});
