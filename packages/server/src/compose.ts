import { type Resources, openResources } from './compose-data.ts';
import { serve } from './compose-http.ts';
import { openSite } from './compose-site.ts';
import { startWork } from './compose-worker.ts';
import type { Config } from './config.ts';
import type { Webhooks } from './events/webhooks/start-webhooks.ts';
import { createMetrics } from './http/metrics.ts';
import { serveMetrics } from './http/serve-metrics.ts';
import { takeAddress } from './http/take-address.ts';
import type { JobLane } from './jobs/definitions.ts';
import { readBacklog } from './jobs/read-backlog.ts';
import type { Worker } from './jobs/work.ts';
import { systemActor } from './lib/context.ts';
import type { EmbeddedPostgres } from './lib/embedded-postgres.ts';
import type { JobId } from './lib/ids.ts';
import { shuttingDown } from './lib/errors.ts';
import { type Log, createLog } from './lib/log.ts';
import { startUpkeep } from './reconcile/start-upkeep.ts';
import { tryClamd } from './scanning/try-clamd.ts';
import type { Site } from './site.ts';
import { countLedger } from './storage/count-ledger.ts';
import { tryStores } from './storage/try-stores.ts';

/** The parts of the product that run in this process. */
export type Parts = {
  http: boolean;
  worker: boolean;
  /** Only jobs of these lanes; by default of all. */
  lanes?: readonly JobLane[];
};

export type Running = {
  /** The address of the API; null when this process serves no requests. */
  url: string | null;
  log: Log;
  /** Resolves when the database has ended unexpectedly. */
  lost: Promise<void>;
  /**
   * Stops taking work, finishes or hands back running work, and closes everything that was opened. `soon` waits for nothing, after an uncaught error,
   * which counts against the job that it came from.
   */
  close(soon?: { jobId: JobId | undefined }): Promise<void>;
};

/** How long running work has to end after the product is told to stop; within ten seconds the process has to be gone. */
const graceMs = 5_000;
/** The parts that do work; all others support them. */
const busyParts = ['http', 'metrics', 'worker', 'looks', 'webhooks', 'upkeep'];

/** Turns a configuration into a running product. If a step fails, or the signal aborts meanwhile, everything opened so far is closed. */
export async function compose(config: Config, parts: Parts, signal: AbortSignal): Promise<Running> {
  const log = createLog({ level: config.logLevel });
  const { own, closeAll } = heeding(signal, openResources(log));
  const closing = new AbortController();
  const starting = new AbortController();
  const stop = (): void => starting.abort(signal.reason);
  signal.addEventListener('abort', stop);
  try {
    signal.throwIfAborted();
    const working: { site?: Site; openStreams?(): number; worker?: Worker; webhooks?: Webhooks } = {};
    const metrics = createMetrics({
      readBacklog: async () => {
        if (working.site === undefined) return null;
        return { lanes: await readBacklog(working.site.db), ledger: await countLedger(working.site.db) };
      },
      openStreams: () => working.openStreams?.() ?? 0,
      runningJobs: () => working.worker?.running() ?? 0,
      webhooks: () => working.webhooks?.settled() ?? {},
      decoders: () => {
        const { decoders = [], reservedBytes = 0 } = working.site?.decoders.status() ?? {};
        return { busy: decoders.filter(({ isBusy }) => isBusy).length, reservedBytes };
      },
    });
    if (config.traces.endpoint !== null) {
      const { openTracing } = await import('./lib/open-tracing.ts');
      own('traces', openTracing({ log, endpoint: config.traces.endpoint, ratio: config.traces.ratio }), (tracing) => tracing.close());
    }
    const address = await takeAddress(config.host, config.port);
    own('address', address, async (taken) => taken.release());
    const opened = await openSite(config, { log, own, closing: closing.signal, starting: starting.signal, metrics, baseURL: config.publicUrl ?? address.url });
    // From here on a stop leaves its time to what has begun.
    signal.removeEventListener('abort', stop);
    const { site, postgres } = opened;
    working.site = site;
    const { token: metricsToken, listen } = config.metrics;
    if (listen !== null) own('metrics', await serveMetrics(metrics, metricsToken, { ...listen, log }), (server) => server.close());
    // First, because jobs pass our address on.
    const served = parts.http ? await serve(config, site, { log, own, metrics, address }) : null;
    if (served !== null) working.openStreams = served.openStreams;
    if (parts.worker) Object.assign(working, await startWork(config, opened, { log, own, graceMs, onEnded: metrics.observeJob, lanes: parts.lanes }));
    own('upkeep', startUpkeep({ actor: systemActor, log, signal: closing.signal, site }, { keepMonths: config.grants.keepMonths }), (upkeep) => upkeep.stop());
    const looking = own('first look', new AbortController(), async (look) => look.abort());
    void tryStores(site.stores, { log, signal: looking.signal });
    if (config.malwareScan !== null) void tryClamd(config.malwareScan, { log, signal: looking.signal });
    const close: Running['close'] = async (soon) => {
      if (soon?.jobId !== undefined)
        await working.worker?.strike(soon.jobId).catch((error: unknown) => log.warn({ err: error }, 'the job that ended this process could not be recorded'));
      await shutDown(closing, closeAll, soon === undefined ? graceMs : 0);
    };
    return { url: served?.url ?? null, log, lost: lostDatabase(postgres), close };
  } catch (error) {
    if (signal.aborted) await shutDown(closing, closeAll, graceMs);
    closing.abort(error);
    await closeAll();
    throw error;
  }
}

/** The same, but each step of the start first ends it when the signal has aborted. */
const heeding = (signal: AbortSignal, { own, closeAll }: Resources): Resources => ({
  own(...given) {
    const resource = own(...given);
    signal.throwIfAborted();
    return resource;
  },
  closeAll,
});

/**
 * Refuses new requests, lets running ones end, finishes or hands back jobs, and only then closes database and stores. Running work gets time before
 * it is aborted; event streams end with their feed.
 */
async function shutDown(closing: AbortController, closeAll: Resources['closeAll'], patienceMs: number): Promise<void> {
  const impatient = setTimeout(() => closing.abort(shuttingDown()), patienceMs);
  await closeAll(busyParts);
  clearTimeout(impatient);
  closing.abort(shuttingDown());
}

async function lostDatabase(postgres: EmbeddedPostgres | null): Promise<void> {
  if (postgres === null) return await new Promise(() => {});
  const { unasked } = await postgres.ended;
  if (!unasked) await new Promise(() => {});
}
