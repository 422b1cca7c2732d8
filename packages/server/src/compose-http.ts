import type { Resources } from './compose-data.ts';
import type { Config } from './config.ts';
import { openApp } from './http/app.ts';
import { createAuthentication } from './http/authenticate.ts';
import { createDoorLimits } from './http/door-limits.ts';
import { openRefusalCount } from './http/count-refusals.ts';
import { noteRefusals } from './grants/note-refusals.ts';
import { openSettlements } from './grants/open-settlements.ts';
import { settleDownloads, SettlementRefused } from './grants/settle-downloads.ts';
import { registerConsole } from './http/console.ts';
import { listenAt } from './http/listen-at.ts';
import type { Metrics } from './http/metrics.ts';
import type { Address } from './http/take-address.ts';
import type { Logger } from 'pino';
import { patienceMs } from './lib/patience.ts';
import { requireWritable } from './lib/require-writable.ts';
import type { Site } from './site.ts';
import { browserOrigins } from './storage/browser-origins.ts';

type ServeOptions = { log: Logger; own: Resources['own']; metrics: Metrics; address: Address };

/** Serves requests; returns the address and the number of open event streams. */
export async function serve(config: Config, site: Site, { log, own, metrics, address }: ServeOptions): Promise<{ url: string; openStreams(): number }> {
  const { db, stores, feed } = site;
  const app = openApp({
    log,
    apiPrefix: config.apiPrefix,
    corsOrigins: config.corsOrigins,
    trustedProxies: config.trustedProxies,
    authenticate: createAuthentication({ db, jwt: config.jwt, explains: config.environment.base === 'development' }),
    site,
    doors: {
      limits: createDoorLimits(config.grants),
      refusals: openRefusalCount(async (refused) => {
        await noteRefusals(db, refused, new Date()).catch((error: unknown) => log.warn({ err: error }, 'refused downloads could not be recorded'));
      }),
      settlements: openSettlements({
        write: async (settlements) => await settleDownloads(db, settlements),
        isRefused: (error) => error instanceof SettlementRefused,
        onGivenUp: (error, { length }) =>
          log.warn({ err: error, settlements: length }, 'the bytes that downloads have sent could not be recorded; they stay reserved'),
      }),
    },
    health: {
      checks: {
        database: async () => await requireWritable(db),
        storage: async () => await Promise.all(stores.all().map((store) => store.check({ signal: AbortSignal.timeout(patienceMs.check) }))),
        closing: async () => site.closing.throwIfAborted(),
      },
    },
    metrics,
    metricsAccess: config.metrics,
  });
  registerConsole(app, { apiPrefix: config.apiPrefix, origins: () => [new URL(site.baseURL).origin, ...config.stores.flatMap(browserOrigins)] });
  // An event stream never ends by itself, and would keep the server from closing.
  app.addHook('preClose', async () => await feed.close());
  own('http', app, (server) => server.close());
  await listenAt(app, address.listen);
  address.release();
  return { url: site.baseURL, openStreams: feed.followers };
}
