import { createHistogram } from 'node:perf_hooks';

import { Gauge, type Registry } from 'prom-client';

/** As precisely as prom-client's own meter shall look: never, which is the most that a timer takes. */
export const neverMs = 2 ** 31 - 1;
const measureEveryMs = 100;

/**
 * How late the event loop comes to what is due, since the last scrape. prom-client's own meter looks a hundred times a second, which is half of what an idle server
 * does, and counts the time between its looks too, so that no lag is below 10 ms. These gauges take the places of its own.
 */
export function registerLoopLag(registry: Registry): void {
  const lag = createHistogram();
  let due = performance.now() + measureEveryMs;
  setInterval(() => {
    const now = performance.now();
    // Timers count in whole milliseconds, and may come a fraction of one too early.
    lag.record(Math.max(1, Math.round((now - due) * 1e6)));
    due = now + measureEveryMs;
  }, measureEveryMs).unref();
  const read = {
    min: () => lag.min,
    max: () => lag.max,
    mean: () => lag.mean,
    stddev: () => lag.stddev,
    p50: () => lag.percentile(50),
    p90: () => lag.percentile(90),
    p99: () => lag.percentile(99),
  };
  const gauges = Object.entries(read).map(([measure, nanoseconds]) => {
    const name = `nodejs_eventloop_lag_${measure}_seconds`;
    registry.removeSingleMetric(name);
    return { nanoseconds, gauge: new Gauge({ name, help: `Lag of the event loop since the last scrape: ${measure}.`, registers: [registry], collect }) };
  });
  function collect(): void {
    // The first of them reads for all.
    if (lag.count === 0) return;
    for (const { gauge, nanoseconds } of gauges) gauge.set(nanoseconds() / 1e9);
    lag.reset();
  }
}
