import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

export type Metrics = {
  registry: Registry;
  observeRequest(request: { method: string; route: string; status: number; seconds: number }): void;
  observeJob(job: { type: string; outcome: string; seconds: number }): void;
};

/** What Prometheus scrapes. Labels are routes and job types, never ids: their number stays small however much is stored. */
export function openMetrics(sources: {
  runningJobs(): number;
  decoders(): { busy: number; reservedBytes: number };
  webhooks(): Readonly<Record<string, number>>;
}): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({
    name: 'safelight_http_request_seconds',
    help: 'Time from the request to the end of its answer.',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60],
    registers: [registry],
  });
  const jobs = new Counter({
    name: 'safelight_jobs_total',
    help: 'Attempts at jobs that ended here, by outcome.',
    labelNames: ['type', 'outcome'],
    registers: [registry],
  });
  const jobSeconds = new Histogram({
    name: 'safelight_job_seconds',
    help: 'Time that an attempt at a job took.',
    labelNames: ['type'],
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120, 600],
    registers: [registry],
  });
  new Gauge({
    name: 'safelight_jobs_running',
    help: 'Jobs that this process is doing.',
    registers: [registry],
    collect() {
      this.set(sources.runningJobs());
    },
  });
  new Gauge({
    name: 'safelight_decoders_busy',
    help: 'Decoder processes at work.',
    registers: [registry],
    collect() {
      this.set(sources.decoders().busy);
    },
  });
  new Gauge({
    name: 'safelight_decoder_reserved_bytes',
    help: 'Memory that running decodes are expected to need together.',
    registers: [registry],
    collect() {
      this.set(sources.decoders().reservedBytes);
    },
  });
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
  return {
    registry,
    observeRequest: ({ method, route, status, seconds }) => requests.observe({ method, route, status: String(status) }, seconds),
    observeJob({ type, outcome, seconds }) {
      jobs.inc({ type, outcome });
      jobSeconds.observe({ type }, seconds);
    },
  };
}
