import { type Resources, openData } from './compose-data.ts';
import { generationSettings, createGenerators, createPromptModerator, createReviewers } from './compose-providers.ts';
import type { Config } from './config.ts';
import { mediaURLs } from './delivery/media-urls.ts';
import { allowedAddresses } from './egress/allowed-addresses.ts';
import { openEventFeed } from './events/open-event-feed.ts';
import { reviewCallback } from './http/decide-reviews.ts';
import type { Metrics } from './http/metrics.ts';
import { createStreamLimit } from './http/create-stream-limit.ts';
import { type Clock, secondsFrom } from './lib/clock.ts';
import type { Db } from './lib/context.ts';
import type { EmbeddedPostgres } from './lib/embedded-postgres.ts';
import { lineToPostgres } from './lib/notification-line.ts';
import { type Hearing, listenForNotifications } from './lib/listen-for-notifications.ts';
import type { Log } from './lib/log.ts';
import { lineToRedis } from './lib/redis-notifications.ts';
import { otherVersions, wordsForOthers } from './lib/other-versions.ts';
import { createSealing } from './lib/sealing.ts';
import { openSharedClock } from './lib/shared-clock.ts';
import { createSigning, type Signing } from './lib/signing.ts';
import type { RecordingsHere } from './policy/recordings-here.ts';
import type { UnavailableType } from './policy/unavailable-types.ts';
import type { Engines } from './processing/engine/engine.ts';
import { createEngines } from './processing/engine/find-engine.ts';
import { type DecoderPool, openDecoderPool } from './processing/image/decoder-pool.ts';
import { howManyEncoders } from './processing/how-many-encoders.ts';
import { createPlaces } from './processing/image/slow-pictures.ts';
import { watchEngine } from './processing/watch-engine.ts';
import { findUndeclared, wordsForUndeclared } from './reconcile/find-undeclared.ts';
import type { Site } from './site.ts';
import { keepSmall } from './storage/keep-small.ts';
import { meterStores } from './storage/meter-stores.ts';
import { createClamdScanner } from './scanning/create-clamd-scanner.ts';
import type { Stores } from './storage/stores.ts';
import { openHolders } from './uploads/holders.ts';

/** The site, and what only the composition itself needs. */
export type Opened = { site: Site; hearing: Hearing; postgres: EmbeddedPostgres | null };

type SiteOptions = {
  log: Log;
  own: Resources['own'];
  closing: AbortSignal;
  /** Aborts when the product is told to stop while this opens. */
  starting: AbortSignal;
  metrics: Pick<Metrics, 'observeStore' | 'observeGeneration' | 'observeEventDelay'>;
  baseURL: string;
};

/** Opens everything that requests and jobs need: records, bytes, notifications, decoders, keys, and the providers that make or review media. */
export async function openSite(config: Config, options: SiteOptions): Promise<Opened> {
  const { log, own, metrics, starting } = options;
  const data = await openData(config, { log, own, as: 'product', signal: starting, cut: starting });
  const lacking = wordsForUndeclared(await findUndeclared(data.db, config));
  if (lacking !== null) log.warn(`The database and the configuration do not fit: ${lacking}. Is this the right configuration file, and the right store?`);
  const others = wordsForOthers(await otherVersions(data.db));
  if (others !== null) log.warn(`Different versions: ${others}.`);
  const open = config.redisUrl === null ? lineToPostgres({ connectionString: data.directConnectionString }) : lineToRedis(config.redisUrl);
  const parts = {
    db: data.db,
    clock: own('clock', await openSharedClock({ db: data.db, log }), async (clock) => clock.close()),
    stores: keepSmall(meterStores(data.stores, metrics.observeStore)),
    hearing: own('notifications', listenForNotifications({ open, log }), (listener) => listener.close()),
    decoders: own(
      'decoders',
      openDecoderPool({ size: config.decoders.count, memoryBudgetBytes: config.decoders.memoryBytes, deadlineMs: config.decoders.deadlineMs, log }),
      (all) => all.close(),
    ),
    engines: createEngines(config.engine),
  };
  return { site: Object.freeze(siteOf(config, parts, options)), hearing: parts.hearing, postgres: data.postgres };
}

type Parts = { db: Db; clock: Clock; stores: Stores; hearing: Hearing; decoders: DecoderPool; engines: Engines };

function siteOf(config: Config, { db, clock, stores, hearing, decoders, engines }: Parts, { log, own, closing, metrics, baseURL }: SiteOptions): Site {
  const recordingsHere: RecordingsHere = { longestMs: null, mostBytes: null };
  const signing = createSigning(config.signingKeys);
  return {
    db,
    clock,
    stores,
    closing,
    signing,
    baseURL,
    publicUrl: config.publicUrl,
    urls: mediaURLs({ baseURL, signing, clock, collections: config.collections }),
    links: { job: (id) => `${config.apiPrefix}/jobs/${id}`, media: (id) => `${config.apiPrefix}/media/${id}` },
    collections: config.collections,
    // A file that is too large to be scanned whole could not pass, so it need not be sent.
    ceilings: { ...config.ceilings, requestBytes: Math.min(config.ceilings.requestBytes, config.malwareScan?.maxBytes ?? Infinity) },
    uploadExpirySeconds: config.uploadExpirySeconds,
    importAllowPrivate: config.importAllowPrivate,
    holders: own('holders', openHolders(hearing), async (all) => all.close()),
    scan: config.malwareScan === null ? null : createClamdScanner(config.malwareScan),
    decoders,
    engines,
    encoders: createPlaces(howManyEncoders({ cores: config.decoders.count, memoryBytes: config.decoders.memoryBytes, configured: config.engine.concurrency })),
    unavailableTypes: unavailableTypesOf(decoders, engines, recordingsHere, closing),
    recordingsHere,
    generators: createGenerators(config, engines),
    generation: generationSettings(config),
    moderatePrompt: createPromptModerator(config),
    onGenerated: metrics.observeGeneration,
    reviewers: createReviewers(config.review),
    reviewPresets: config.review.presets,
    reviewTimeoutMs: config.review.timeoutSeconds * 1000,
    reviewCallbackURL: reviewCallbackURL({ apiURL: `${baseURL}${config.apiPrefix}`, signing, clock }),
    feed: own('events', openEventFeed({ db, hearing, log, observeDelay: metrics.observeEventDelay }), (feed) => feed.close()),
    takeStream: createStreamLimit(config.eventStreams, closing),
    webhooks: {
      guard: allowedAddresses(config.webhooks.allowPrivate, { loopback: config.environment.base !== 'production' }),
      sealing: createSealing(config.signingKeys),
    },
    acceleration: config.acceleration,
    cdn: config.cdn,
    cdnPurge: config.cdnPurge,
    purgesCdn: config.cdnPurge !== null,
  };
}

/** A reviewer may take up to a week to call back; it is asked again earlier. */
const callbackSeconds = 7 * 86_400;

function reviewCallbackURL({ apiURL, signing, clock }: { apiURL: string; signing: Signing; clock: Clock }): Site['reviewCallbackURL'] {
  return (mediaId, revision) => {
    const signature = signing.sign(reviewCallback, [mediaId, revision], secondsFrom(clock.now(), callbackSeconds));
    return `${apiURL}/media/${mediaId}/review?revision=${revision}&signature=${signature}`;
  };
}

/** Filled in a moment after the start, which must not wait for the decoders and ffmpeg. */
function unavailableTypesOf(decoders: DecoderPool, engines: Engines, here: RecordingsHere, closing: AbortSignal): readonly UnavailableType[] {
  const types: UnavailableType[] = [];
  void watchEngine(engines, { types, here, closing });
  void decoders.capabilities({ signal: closing }).then(
    ({ missing }) => types.push(...missing),
    () => undefined,
  );
  return types;
}
