import type { AddressInfo } from 'node:net';

import type { JobError } from '@safelight/contract/jobs';

import { purgeMedia } from './collections/purge-media.ts';
import { openData, openResources, type Resources } from './compose-data.ts';
import type { Config } from './config.ts';
import { mediaURLs } from './delivery/media-urls.ts';
import { purgeCdn } from './delivery/purge-cdn.ts';
import { generationJobs } from './generation/generation-jobs.ts';
import type { GenerationSettings } from './generation/generation-context.ts';
import type { Generators } from './generation/generator.ts';
import { openOpenaiGenerator } from './generation/openai/open-openai-generator.ts';
import { openLocalGenerator } from './generation/local/open-local-generator.ts';
import { emitProgress } from './events/emit-progress.ts';
import { allowedAddresses } from './egress/allowed-addresses.ts';
import { openEventFeed } from './events/open-event-feed.ts';
import { openWebhooks } from './events/webhooks/start-webhooks.ts';
import type { WebhookContext } from './events/webhooks/webhook-context.ts';
import { openApp } from './http/app.ts';
import { openAuthentication } from './http/authenticate.ts';
import { reviewCallback } from './http/decide-reviews.ts';
import { registerConsole } from './http/console.ts';
import { openMetrics } from './http/metrics.ts';
import { serveMetrics } from './http/serve-metrics.ts';
import { openStreamLimit } from './http/open-stream-limit.ts';
import type { JobContext, JobHandlers, JobResult, JobSubject } from './jobs/running-job.ts';
import { startWorker, type Worker } from './jobs/work.ts';
import { secondsFrom, systemClock } from './lib/clock.ts';
import { systemActor, type Tx } from './lib/context.ts';
import type { EmbeddedPostgres } from './lib/embedded-postgres.ts';
import type { JobId } from './lib/ids.ts';
import { listenForHints } from './lib/listen-for-hints.ts';
import { lineToPostgres } from './lib/hint-line.ts';
import { requireWritable } from './lib/require-writable.ts';
import { openLog, type Log } from './lib/log.ts';
import { lineToRedis } from './lib/redis-hints.ts';
import { openSealing } from './lib/sealing.ts';
import { openSigning } from './lib/signing.ts';
import { afterCommit } from './lib/transact.ts';
import { lockPlaceOf } from './places/lock-place.ts';
import type { UnavailableType } from './policy/unavailable-types.ts';
import { failProcessing } from './processing/fail-processing.ts';
import { openDecoderPool } from './processing/image/decoder-pool.ts';
import { openClamdScanner } from './scanning/open-clamd-scanner.ts';
import { processAsset } from './processing/process-asset.ts';
import { renewals, renewAsset } from './processing/renew-asset.ts';
import type { ProcessingContext } from './processing/processing-context.ts';
import { startUpkeep } from './reconcile/start-upkeep.ts';
import { mirrorAsset } from './reconcile/mirror-asset.ts';
import { endReview as endReviewOf } from './review/fail-review.ts';
import { announceGateChange } from './review/announce-gate-change.ts';
import { openGeminiReviewer } from './review/gemini/open-gemini-reviewer.ts';
import { openOpenaiReviewer } from './review/openai/open-openai-reviewer.ts';
import { reviewAsset, type ReviewContext } from './review/review-asset.ts';
import type { Reviewers } from './review/reviewer.ts';
import { openWebhookReviewer } from './review/webhook/open-webhook-reviewer.ts';
import { browserOrigins } from './storage/browser-origins.ts';
import { removeObjects } from './storage/remove-objects.ts';
import { failUpload } from './uploads/fail-upload.ts';
import { openHolders } from './uploads/holders.ts';
import { finalizeUpload } from './uploads/finalize-upload.ts';
import { importFile } from './uploads/import-file.ts';
import { scanSource } from './uploads/scan-object.ts';
import type { ImportContext } from './uploads/open-import.ts';

/** Which parts of the product run in this process. */
export type Parts = { http: boolean; worker: boolean };

export type Running = {
  /** Where requests are served; null when this process serves none. */
  url: string | null;
  log: Log;
  /** Resolves when the database under us has ended without being asked to. */
  lost: Promise<void>;
  /**
   * Stops taking work, finishes or hands back what is held, closes everything that was opened. `soon` waits for nothing, because of an
   * error that nobody caught; it counts against the job that it came from.
   */
  close(soon?: { jobId: JobId | undefined }): Promise<void>;
};

/** A reviewer may take a week to call back; it is asked again before. */
const callbackSeconds = 7 * 86_400;
/** What runs has this long to end when the product is told to stop; within ten seconds it has to be gone. */
const graceMs = 5_000;
/** They serve or do something; all else is what they stand on. */
const busyParts = ['http', 'metrics', 'worker', 'webhooks', 'upkeep'];
/** Types that no collection can show before this server can process them. */
const mediaWithoutProcessing = [
  'video/mp4',
  'video/quicktime',
  'video/webm',
  'video/x-matroska',
  'audio/mpeg',
  'audio/mp4',
  'audio/aac',
  'audio/flac',
  'audio/ogg',
  'audio/wav',
];

/** The one place that knows every adapter: from a configuration to a running product. What fails on the way closes what was opened. */
export async function compose(config: Config, parts: Parts): Promise<Running> {
  const log = openLog({ level: config.logLevel });
  const { own, closeAll } = openResources(log);
  const closing = new AbortController();
  try {
    const { db, stores, postgres, directConnectionString } = await openData(config, { log, own, as: 'product' });
    const open = config.redisUrl === null ? lineToPostgres({ connectionString: directConnectionString }) : lineToRedis(config.redisUrl);
    const hearing = own('hints', listenForHints({ open, log }), (listener) => listener.close());
    const decoders = own(
      'decoders',
      openDecoderPool({ size: config.decoders.count, memoryBudgetBytes: config.decoders.memoryBytes, deadlineMs: config.decoders.deadlineMs, log }),
      (all) => all.close(),
    );

    const clock = systemClock;
    const signing = openSigning(config.signingKeys);
    const unavailableTypes: UnavailableType[] = mediaWithoutProcessing.map((type) => ({ type, reason: 'this server cannot process video and audio yet' }));
    // Filled in a moment after the start: asking the decoders must not delay it.
    void decoders.capabilities({ signal: closing.signal }).then(
      ({ missing }) => unavailableTypes.push(...missing),
      () => undefined,
    );
    const webhooks: WebhookContext['webhooks'] = {
      guard: allowedAddresses(config.webhooks.allowPrivate, { loopback: config.environment.base !== 'production' }),
      sealing: openSealing(config.signingKeys),
    };
    const feed = own('events', openEventFeed({ db, hearing, log }), (open) => open.close());
    const address = { baseURL: config.publicUrl ?? `http://${config.host}:${config.port}` };
    const shared = {
      db,
      clock,
      webhooks,
      collections: config.collections,
      // What cannot be scanned whole cannot pass, so it need not be sent either.
      ceilings: { ...config.ceilings, requestBytes: Math.min(config.ceilings.requestBytes, config.malwareScan?.maxBytes ?? Infinity) },
      uploadExpirySeconds: config.uploadExpirySeconds,
      importAllowPrivate: config.importAllowPrivate,
      stores,
      decoders,
      signing,
      unavailableTypes,
      scan: config.malwareScan === null ? null : openClamdScanner(config.malwareScan),
      baseURL: address.baseURL,
      urls: {
        artifact: (token: string) => mediaURLs({ baseURL: address.baseURL, signing, clock }).artifact(token),
        signedArtifact: (token: string) => mediaURLs({ baseURL: address.baseURL, signing, clock }).signedArtifact(token),
      },
      purgesCdn: config.cdnPurge !== null,
      generators: openGenerators(config),
      generation: generationSettings(config),
    };

    let worker: Worker | null = null;
    if (parts.worker) {
      const base = {
        ...shared,
        actor: systemActor,
        log,
        signal: closing.signal,
        reviewers: openReviewers(config.review),
        reviewTimeoutMs: config.review.timeoutSeconds * 1000,
        reviewCallbackURL: (mediaId: string, revision: string) => {
          const signature = signing.sign(reviewCallback, [mediaId, revision], secondsFrom(clock.now(), callbackSeconds));
          return `${address.baseURL}${config.apiPrefix}/media/${mediaId}/review?revision=${revision}&signature=${signature}`;
        },
      };
      const lanes = { short: config.workerJobs, long: 2, review: 4, generation: 8, upkeep: 2 };
      worker = own(
        'worker',
        startWorker({
          hearing,
          context: base,
          handlers: { ...jobHandlers(base, { cdnPurge: config.cdnPurge }), ...generationJobs(base) },
          lanes,
          onProgress: emitProgress,
        }),
        (running) => running.stop({ graceMs }),
      );
    }
    if (parts.worker)
      own(
        'webhooks',
        await openWebhooks({ ...shared, actor: systemActor, log, signal: closing.signal }, { hearing, endpoint: config.webhooks.endpoint }),
        (all) => all.stop(),
      );
    own('upkeep', startUpkeep({ ...shared, actor: systemActor, log, signal: closing.signal }), (house) => house.stop());

    const metrics = openMetrics({
      runningJobs: () => worker?.running() ?? 0,
      decoders: () => ({ busy: decoders.status().decoders.filter(({ isBusy }) => isBusy).length, reservedBytes: decoders.status().reservedBytes }),
    });
    const { token: metricsToken, listen } = config.metrics;
    if (listen !== null) own('metrics', await serveMetrics(metrics, metricsToken, { ...listen, log }), (server) => server.close());
    let url: string | null = null;
    if (parts.http) {
      const base = {
        ...shared,
        feed,
        takeStream: openStreamLimit(config.eventStreams),
        holders: own('holders', openHolders(hearing), async (open) => open.close()),
        publicUrl: config.publicUrl,
        acceleration: config.acceleration,
        links: { job: (id: string) => `${config.apiPrefix}/jobs/${id}`, media: (id: string) => `${config.apiPrefix}/media/${id}` },
      };
      const app = openApp({
        log,
        apiPrefix: config.apiPrefix,
        corsOrigins: config.corsOrigins,
        trustedProxies: config.trustedProxies,
        authenticate: openAuthentication({ db, jwt: config.jwt, explains: config.environment.base === 'development' }),
        base,
        closing: closing.signal,
        health: {
          checks: {
            database: async () => await requireWritable(db),
            storage: async () => await Promise.all(stores.all().map((store) => store.check({ signal: AbortSignal.timeout(5_000) }))),
            closing: async () => closing.signal.throwIfAborted(),
          },
        },
        metrics,
        metricsAccess: config.metrics,
      });
      registerConsole(app, { apiPrefix: config.apiPrefix, origins: () => [new URL(address.baseURL).origin, ...config.stores.flatMap(browserOrigins)] });
      // A stream of events never ends by itself, and an open answer would hold the server.
      app.addHook('preClose', async () => await feed.close());
      own('http', app, (server) => server.close());
      await app.listen({ host: config.host, port: config.port });
      url = config.publicUrl ?? addressOf(app.server.address(), config.host);
      // Known only now where a free port was asked for.
      base.baseURL = address.baseURL = url;
    }
    const close = async (soon?: { jobId: JobId | undefined }): Promise<void> => {
      if (soon?.jobId !== undefined)
        await worker?.strike(soon.jobId).catch((error: unknown) => log.warn({ err: error }, 'it could not be written down which job ended this process'));
      await shutDown(closing, closeAll, soon === undefined ? graceMs : 0);
    };
    return { url, log, lost: lostDatabase(postgres), close };
  } catch (error) {
    closing.abort(error);
    await closeAll();
    throw error;
  }
}

/** Those that have what they need; a policy that names another is told so by its photos. */
function openReviewers({ geminiKey, geminiModel, openaiKey, openaiModel, webhookUrl, webhookSecret, timeoutSeconds }: Config['review']): Reviewers {
  const timeoutMs = timeoutSeconds * 1000;
  return {
    ...(geminiKey === null ? {} : { gemini: openGeminiReviewer({ apiKey: geminiKey, model: geminiModel, timeoutMs }) }),
    ...(openaiKey === null ? {} : { openai: openOpenaiReviewer({ apiKey: openaiKey, model: openaiModel, timeoutMs }) }),
    ...(webhookUrl === null || webhookSecret === null ? {} : { webhook: openWebhookReviewer({ url: webhookUrl, secret: webhookSecret }) }),
  };
}

/** Those that have what they need. The one that costs nothing is for development. */
function openGenerators({ environment, generation, review }: Config): Generators {
  const { openai, compatible, timeoutSeconds } = generation;
  const timeoutMs = timeoutSeconds * 1000;
  return {
    ...(review.openaiKey === null ? {} : { openai: openOpenaiGenerator({ ...openai, provider: 'openai', apiKey: review.openaiKey, timeoutMs }) }),
    ...(compatible.url === null
      ? {}
      : { compatible: openOpenaiGenerator({ ...compatible, provider: 'compatible', apiKey: compatible.key ?? 'none', baseURL: compatible.url, timeoutMs }) }),
    ...(environment.base === 'production' ? {} : { local: openLocalGenerator() }),
  };
}

const generationSettings = ({ generation, signingKeys, environment }: Config): GenerationSettings => ({
  ...generation,
  ownerSecret: signingKeys[0]?.secret ?? '',
  rehearses: environment.base !== 'production',
});

/** What each type of job does. Several rooms meet here that must not know one another. */
function jobHandlers(base: ImportContext & ProcessingContext & ReviewContext, { cdnPurge }: Pick<Config, 'cdnPurge'>): JobHandlers {
  const process = async (ctx: JobContext): Promise<void> => {
    const about = { assetId: idOf(ctx.job.data['assetId']) };
    await scanSource({ ...base, ...ctx }, about);
    await processAsset({ ...base, ...ctx }, about);
  };
  /** What is ready already is renewed; a job of one that failed leaves it as it is. */
  const processOrRenew = async (ctx: JobContext): Promise<JobResult | void> => {
    const renewal = renewals.find((name) => name === ctx.job.data['renew']);
    if (renewal === undefined) return await process(ctx);
    return (await renewAsset({ ...base, ...ctx }, { assetId: idOf(ctx.job.data['assetId']), renewal })) ?? undefined;
  };
  const failProcess = async (tx: Tx, job: JobSubject, error: JobError): Promise<void> =>
    await failProcessing(tx, { assetId: idOf(job.data['assetId']), jobId: job.id, attempts: await attemptsOf(tx, job.id), error });
  const endUpload = async (tx: Tx, job: JobSubject, error: JobError): Promise<void> => {
    const { refused } = await failUpload(tx, { uploadId: idOf(job.data['uploadId']), jobId: job.id, attempts: await attemptsOf(tx, job.id), error });
    const sweeperWill = (cause: unknown): void => base.log.warn({ err: cause }, 'what was refused could not be removed at once; the sweeper will');
    if (refused.length > 0) afterCommit(tx, () => void removeObjects(base, refused).catch(sweeperWill));
    await failProcess(tx, job, error);
  };
  const endReview = async (tx: Tx, job: JobSubject, error: JobError): Promise<void> =>
    await endReviewOf(base, tx, { assetId: idOf(job.data['assetId']), jobId: job.id, attempts: await attemptsOf(tx, job.id), error });
  const finalize = async (ctx: JobContext): Promise<void> => {
    await finalizeUpload({ ...base, ...ctx }, { uploadId: idOf(ctx.job.data['uploadId']), isNamed: ctx.job.data['named'] === true });
    await process(ctx);
  };
  const hold = async (tx: Tx, job: JobSubject): Promise<void> => {
    if (job.assetId !== undefined) await lockPlaceOf(tx, job.assetId);
  };
  return {
    finalize: { run: finalize, hold, onFailed: endUpload, onCancelled: async (tx, job) => await endUpload(tx, job, cancelled) },
    import: {
      run: async (ctx) => {
        await importFile(
          { ...base, ...ctx },
          {
            uploadId: idOf(ctx.job.data['uploadId']),
            url: idOf(ctx.job.data['url']),
            named: ctx.job.data['named'] === true,
            hasQuota: ctx.job.data['hasQuota'] === true,
          },
        );
        await finalize(ctx);
      },
      hold,
      onFailed: endUpload,
      onCancelled: async (tx, job) => await endUpload(tx, job, cancelled),
    },
    process: { run: processOrRenew, hold, onFailed: failProcess, onCancelled: async (tx, job) => await failProcess(tx, job, cancelled) },
    review: {
      run: async (ctx) => await reviewAsset({ ...base, ...ctx }, { assetId: idOf(ctx.job.data['assetId']), unanswered: ctx.job.data['unanswered'] === true }),
      hold,
      onFailed: endReview,
      onCancelled: async (tx, job) => await endReview(tx, job, { code: 'conflict', message: 'The review was cancelled.', retryable: true }),
    },
    mirror: {
      run: async (ctx) =>
        await mirrorAsset({ ...base, ...ctx }, { assetId: idOf(ctx.job.data['assetId']), onProgress: (fraction) => ctx.job.progress(fraction, 'storing') }),
    },
    reconcile: { run: async (ctx) => await announceGateChange({ ...base, ...ctx }, { collection: idOf(ctx.job.data['gateOf']) }) },
    purge: {
      run: async (ctx) => {
        const { urls } = ctx.job.data;
        if (!Array.isArray(urls)) return await purgeMedia({ ...base, ...ctx }, { assetId: idOf(ctx.job.data['assetId']) });
        if (cdnPurge !== null) await purgeCdn(cdnPurge, urls.map(String), ctx.signal);
      },
    },
  };
}

const cancelled = { code: 'conflict', message: 'Its processing was cancelled. Retry it, or delete it.', retryable: true } as const;

const idOf = (value: unknown): string => {
  if (typeof value !== 'string') throw new Error('a job came without the id that it is about');
  return value;
};

async function attemptsOf(tx: Tx, jobId: string): Promise<number> {
  return (await tx.selectFrom('job').select('attempts').where('id', '=', jobId).executeTakeFirst())?.attempts ?? 1;
}

/**
 * New requests are refused, running ones end, jobs are finished or handed back, and only then does the ground go. What runs is given
 * its time before it is aborted; streams of events end with their feed.
 */
async function shutDown(closing: AbortController, closeAll: Resources['closeAll'], patienceMs: number): Promise<void> {
  const impatient = setTimeout(() => closing.abort(new Error('the server is shutting down')), patienceMs);
  await closeAll(busyParts);
  clearTimeout(impatient);
  closing.abort(new Error('the server has shut down'));
}

async function lostDatabase(postgres: EmbeddedPostgres | null): Promise<void> {
  if (postgres === null) return await new Promise(() => {});
  const { unasked } = await postgres.ended;
  if (!unasked) await new Promise(() => {});
}

function addressOf(bound: AddressInfo | string | null, host: string): string {
  if (bound === null || typeof bound === 'string') return `http://${host}`;
  const name = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${bound.port}`;
}
