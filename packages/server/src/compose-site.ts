import { type Resources, openData } from './compose-data.ts';
import { generationSettings, openGenerators, openPromptModerator } from './compose-providers.ts';
import type { Config } from './config.ts';
import { mediaURLs } from './delivery/media-urls.ts';
import { allowedAddresses } from './egress/allowed-addresses.ts';
import type { Metrics } from './http/metrics.ts';
import { systemClock } from './lib/clock.ts';
import { lineToPostgres } from './lib/hint-line.ts';
import { listenForHints } from './lib/listen-for-hints.ts';
import type { Log } from './lib/log.ts';
import { lineToRedis } from './lib/redis-hints.ts';
import { openSealing } from './lib/sealing.ts';
import { openSigning } from './lib/signing.ts';
import type { UnavailableType } from './policy/unavailable-types.ts';
import type { Engines } from './processing/engine/engine.ts';
import { openEngines } from './processing/engine/find-engine.ts';
import { type DecoderPool, openDecoderPool } from './processing/image/decoder-pool.ts';
import { howManyEncoders } from './processing/how-many-encoders.ts';
import { openPlaces } from './processing/image/slow-pictures.ts';
import { watchEngine, type RecordingsHere } from './processing/watch-engine.ts';
import { meterStores } from './storage/meter-stores.ts';
import { openClamdScanner } from './scanning/open-clamd-scanner.ts';

/** What a running product has, whoever asks it for something (`site`), and what it was opened with. */
export type Opened = Awaited<ReturnType<typeof openSite>>;

/** Opens everything that requests and jobs stand on: records, bytes, hints, decoders, keys, and whoever makes media. */
export async function openSite(
  config: Config,
  options: { log: Log; own: Resources['own']; closing: AbortSignal; metrics: Pick<Metrics, 'observeStore' | 'observeGeneration'>; baseURL: string },
) {
  const { log, own, closing, metrics, baseURL } = options;
  const { db, stores: opened, postgres, directConnectionString } = await openData(config, { log, own, as: 'product' });
  const stores = meterStores(opened, metrics.observeStore);
  const open = config.redisUrl === null ? lineToPostgres({ connectionString: directConnectionString }) : lineToRedis(config.redisUrl);
  const hearing = own('hints', listenForHints({ open, log }), (listener) => listener.close());
  const decoders = own(
    'decoders',
    openDecoderPool({ size: config.decoders.count, memoryBudgetBytes: config.decoders.memoryBytes, deadlineMs: config.decoders.deadlineMs, log }),
    (all) => all.close(),
  );
  const engines = openEngines(config.engine);
  const recordingsHere: RecordingsHere = { longestMs: null };
  const clock = systemClock;
  const signing = openSigning(config.signingKeys);
  const site = {
    db,
    clock,
    collections: config.collections,
    // What cannot be scanned whole cannot pass, so it need not be sent either.
    ceilings: { ...config.ceilings, requestBytes: Math.min(config.ceilings.requestBytes, config.malwareScan?.maxBytes ?? Infinity) },
    uploadExpirySeconds: config.uploadExpirySeconds,
    importAllowPrivate: config.importAllowPrivate,
    stores,
    decoders,
    engines,
    encoders: openPlaces(howManyEncoders({ cores: config.decoders.count, memoryBytes: config.decoders.memoryBytes, configured: config.engine.concurrency })),
    signing,
    unavailableTypes: unavailableTypesOf(decoders, engines, recordingsHere, closing),
    recordingsHere,
    scan: config.malwareScan === null ? null : openClamdScanner(config.malwareScan),
    baseURL,
    urls: mediaURLs({ baseURL, signing, clock }),
    purgesCdn: config.cdnPurge !== null,
    webhooks: {
      guard: allowedAddresses(config.webhooks.allowPrivate, { loopback: config.environment.base !== 'production' }),
      sealing: openSealing(config.signingKeys),
    },
    generators: openGenerators(config, engines),
    onGenerated: metrics.observeGeneration,
    moderatePrompt: openPromptModerator(config),
    generation: generationSettings(config),
  };
  return { site: Object.freeze(site), hearing, postgres };
}

/** Filled in a moment after the start: asking the decoders and ffmpeg must not delay it. */
function unavailableTypesOf(decoders: DecoderPool, engines: Engines, here: RecordingsHere, closing: AbortSignal): readonly UnavailableType[] {
  const types: UnavailableType[] = [];
  void watchEngine(engines, { types, here, closing });
  void decoders.capabilities({ signal: closing }).then(
    ({ missing }) => types.push(...missing),
    () => undefined,
  );
  return types;
}
