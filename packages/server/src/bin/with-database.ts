import { openMigrated, openResources } from '../compose-data.ts';
import { loadConfig, type Config } from '../config.ts';
import { systemClock } from '../lib/clock.ts';
import { systemActor, type Context, type DataSite } from '../lib/context.ts';
import { createLog, type Log } from '../lib/log.ts';
import type { Collections } from '../policy/collection.ts';
import type { Call } from './command.ts';

/** Adds the configuration that a command was started with. */
export type DatabaseContext = Context<DataSite & { collections: Collections }> & { config: Config };

/** Like `withData`, for commands that use only the database: opens no store and loads no code for stores. */
export async function withDatabase<Result>(call: Pick<Call, 'env' | 'cwd' | 'signal'>, work: (ctx: DatabaseContext) => Promise<Result>): Promise<Result> {
  const config = await loadConfig(call.env, call.cwd);
  const log = commandLog(config, call.env);
  const { own, closeAll } = openResources(log);
  try {
    const { db } = await openMigrated(config, { log, own, beside: true, signal: call.signal });
    return await work({ actor: systemActor, site: { db, clock: systemClock, collections: config.collections }, log, signal: call.signal, config });
  } finally {
    await closeAll();
  }
}

/** A command's own output is enough: its log is limited to warnings unless somebody asks for more. */
export const commandLog = (config: Config, env: NodeJS.ProcessEnv): Log =>
  createLog({ level: env['SAFELIGHT_LOG_LEVEL'] === undefined ? 'warn' : config.logLevel });
