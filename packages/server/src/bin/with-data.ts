import type { UploadSite } from '../uploads/upload-context.ts';
import { openData, openResources, type Data, type Resources } from '../compose-data.ts';
import { loadConfig, type Config } from '../config.ts';
import { mediaURLs } from '../delivery/media-urls.ts';
import { systemActor, type Context } from '../lib/context.ts';
import { openSharedClock } from '../lib/shared-clock.ts';
import { createSigning } from '../lib/signing.ts';
import type { Call } from './command.ts';
import { commandLog } from './with-database.ts';

export type DataContext = Context<UploadSite & { pool: Data['pool'] }> & { config: Config; own: Resources['own'] };

/**
 * Gives a command the database and the stores while it runs, beside other processes: it shares the embedded database of a running Safelight, or
 * starts one for its own duration. It acts as the system.
 */
export async function withData<Result>(call: Pick<Call, 'env' | 'cwd' | 'signal'>, work: (ctx: DataContext) => Promise<Result>): Promise<Result> {
  const config = await loadConfig(call.env, call.cwd);
  const log = commandLog(config, call.env);
  const { own, closeAll } = openResources(log);
  try {
    const { db, pool, stores } = await openData(config, { log, own, beside: true, signal: call.signal });
    const [baseURL, signing] = [baseURLOf(config), createSigning(config.signingKeys)];
    const clock = own('clock', await openSharedClock({ db, log }), async (shared) => shared.close());
    const site = {
      db,
      pool,
      stores,
      clock,
      signing,
      baseURL,
      urls: mediaURLs({ baseURL, signing, clock, collections: config.collections }),
      collections: config.collections,
      ceilings: config.ceilings,
      uploadExpirySeconds: config.uploadExpirySeconds,
      purgesCdn: config.cdnPurge !== null,
      unavailableTypes: [],
      // The worker scans files before it processes them.
      scan: null,
    };
    return await work({ actor: systemActor, log, signal: call.signal, site, config, own });
  } finally {
    await closeAll();
  }
}

/** The address of this configuration's server. */
export const baseURLOf = (config: Config): string =>
  config.publicUrl ?? `http://${config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : config.host}:${config.port}`;
