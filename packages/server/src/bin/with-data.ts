import { openData, openResources, type Data, type Resources } from '../compose-data.ts';
import { loadConfig, type Config } from '../config.ts';
import { mediaURLs } from '../delivery/media-urls.ts';
import type { AssetContext } from '../assets/read-media.ts';
import { systemClock } from '../lib/clock.ts';
import { systemActor, type Context } from '../lib/context.ts';
import { openSigning } from '../lib/signing.ts';
import type { Stores } from '../storage/stores.ts';
import type { Call } from './command.ts';
import { commandLog } from './with-database.ts';

export type DataContext = Context & Pick<AssetContext, 'collections' | 'urls'> & { stores: Stores; config: Config; pool: Data['pool']; own: Resources['own'] };

/**
 * Gives a command the database and the stores for as long as it runs, beside whatever else runs on them: the embedded database of a
 * running Safelight is shared, and when none runs one is started for the command's duration. What it does, it does as the system.
 */
export async function withData<Result>(call: Pick<Call, 'env' | 'cwd' | 'signal'>, work: (ctx: DataContext) => Promise<Result>): Promise<Result> {
  const config = await loadConfig(call.env, call.cwd);
  const log = commandLog(config, call.env);
  const { own, closeAll } = openResources(log);
  try {
    const { db, pool, stores } = await openData(config, { log, own, beside: true, signal: call.signal });
    const urls = mediaURLs({ baseURL: baseURLOf(config), signing: openSigning(config.signingKeys), clock: systemClock });
    return await work({
      actor: systemActor,
      db,
      pool,
      stores,
      clock: systemClock,
      log,
      signal: call.signal,
      collections: config.collections,
      urls,
      config,
      own,
    });
  } finally {
    await closeAll();
  }
}

/** Where the server of this configuration is reached. */
export const baseURLOf = (config: Config): string =>
  config.publicUrl ?? `http://${config.host === '0.0.0.0' || config.host === '::' ? '127.0.0.1' : config.host}:${config.port}`;
