import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

import type { EndedGeneration } from '../generation/generation-context.ts';
import type { Backlog } from '../jobs/read-backlog.ts';
import type { LedgerCounts } from '../storage/count-ledger.ts';
import type { ObserveStore } from '../storage/meter-stores.ts';
import { registerBacklog } from './register-backlog.ts';
import { countGenerations } from './count-generations.ts';
import { neverMs, registerLoopLag } from './register-loop-lag.ts';

export type Metrics = {
  registry: Registry;
  observeRequest(request: { method: string; route: string; status: number; seconds: number; receivedBytes: number }): void;
  observeJob(job: { type: string; outcome: string; seconds: number }): void;
  observeStore: ObserveStore;
  observeGeneration(ended: EndedGeneration): void;
  /** Seconds between an event's emission and its delivery to followers at this process. */
  observeEventDelay(seconds: number): void;
};

type Sources = {
  /** Waiting jobs and ledger counts; null before the database is open. */
  readBacklog(): Promise<{ lanes: Backlog[]; ledger: LedgerCounts } | null>;
  openStreams(): number;
  runningJobs(): number;
  decoders(): { busy: number; reservedBytes: number };
  webhooks(): Readonly<Record<string, number>>;
};

/** The metrics for Prometheus. Labels are routes and job types, never ids, so that their number stays small whatever is stored. */
export function createMetrics(sources: Sources): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: neverMs });
  registerLoopLag(registry);
  const requests = new Histogram({
    name: 'safelight_http_request_seconds',
    help: 'Time from the request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
    registers: [registry],
  });
  const { jobs, jobSeconds } = workOf(registry);
  registerStates(registry, sources);
  registerBacklog(registry, sources.readBacklog);
  const { received, delays, storeSeconds, storeErrors, storeBytes } = flowsOf(registry);
  return {
    registry,
    observeGeneration: countGenerations(registry),
    observeRequest({ method, route, status, seconds, receivedBytes }) {
      requests.observe({ method, route, status: String(status) }, seconds);
      if (receivedBytes > 0) received.inc({ method, route }, receivedBytes);
    },
    observeEventDelay: (seconds) => delays.observe(seconds),
    observeStore({ store, operation, seconds, code, bytes }) {
      storeSeconds.observe({ store, operation }, seconds);
      if (code !== null) storeErrors.inc({ store, operation, code });
      if (bytes > 0) storeBytes.inc({ store }, bytes);
    },
    observeJob({ type, outcome, seconds }) {
      jobs.inc({ type, outcome });
      jobSeconds.observe({ type }, seconds);
    },
  };
}

/** Metrics of job attempts. */
function workOf(registry: Registry) {
  const jobs = new Counter({
    name: 'safelight_jobs_total',
    help: 'Attempts at jobs that ended in this process, by outcome.',
    labelNames: ['type', 'outcome'],
    registers: [registry],
  });
  const jobSeconds = new Histogram({
    name: 'safelight_job_seconds',
    help: 'Duration of an attempt at a job.',
    labelNames: ['type'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120, 600],
    registers: [registry],
  });
  return { jobs, jobSeconds };
}

/** Gauges, read at the moment of the scrape. */
function registerStates(registry: Registry, sources: Omit<Sources, 'readBacklog'>): void {
  const gauge = (name: string, help: string, read: () => number): void => {
    const one: Gauge = new Gauge({ name, help, registers: [registry], collect: () => one.set(read()) });
  };
  gauge('safelight_jobs_running', 'Jobs that this process is doing.', sources.runningJobs);
  gauge('safelight_decoders_busy', 'Decoder processes at work.', () => sources.decoders().busy);
  gauge('safelight_decoder_reserved_bytes', 'Memory that running decodes are expected to need together.', () => sources.decoders().reservedBytes);
  gauge('safelight_event_streams', 'Streams of events that are open at this process.', sources.openStreams);
  new Counter({
    name: 'safelight_webhook_attempts_total',
    help: 'Attempts to deliver webhooks that this process made, by outcome; disabled is the failure after which an endpoint was disabled.',
    labelNames: ['outcome'],
    registers: [registry],
    collect() {
      this.reset();
      for (const [outcome, count] of Object.entries(sources.webhooks())) this.inc({ outcome }, count);
    },
  });
}

/** Metrics of bytes, events and calls in transit. */
function flowsOf(registry: Registry) {
  const received = new Counter({
    name: 'safelight_http_received_bytes_total',
    help: 'Bytes of requests, mostly uploads, that this process received, by route.',
    labelNames: ['method', 'route'],
    registers: [registry],
  });
  const delays = new Histogram({
    name: 'safelight_event_delay_seconds',
    help: 'Time from the emission of an event until it was passed to the followers at this process.',
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
    registers: [registry],
  });
  const storeSeconds = new Histogram({
    name: 'safelight_store_seconds',
    help: 'Duration of calls to stores; a put includes waiting for the sender.',
    labelNames: ['store', 'operation'],
    buckets: [0.002, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
    registers: [registry],
  });
  const storeErrors = new Counter({
    name: 'safelight_store_errors_total',
    help: 'Calls to stores that failed, by the code of the problem.',
    labelNames: ['store', 'operation', 'code'],
    registers: [registry],
  });
  const storeBytes = new Counter({
    name: 'safelight_store_written_bytes_total',
    help: 'Bytes that this process has written to stores.',
    labelNames: ['store'],
    registers: [registry],
  });
  return { received, delays, storeSeconds, storeErrors, storeBytes };
}
