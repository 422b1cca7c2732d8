import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import type pg from 'pg';

import type { Config } from './config.ts';
import type { Db } from './lib/context.ts';
import { openDatabase } from './lib/database.ts';
import { connectionOfRunning, DataDirInUse, startEmbeddedPostgres, type EmbeddedPostgres } from './lib/embedded-postgres.ts';
import type { Log } from './lib/log.ts';
import { publishNotificationsBy } from './lib/notify.ts';
import { migrate, migrationStatus } from './lib/migrate.ts';
import { patienceMs } from './lib/patience.ts';
import { openRedisPublisher } from './lib/redis-notifications.ts';
import { requirePostgres } from './lib/require-postgres.ts';
import { seedPolicies } from './policy/seed-policies.ts';
import type { Stores } from './storage/stores.ts';

/** Opened resources in order; the last is closed first. */
export type Resources = {
  own<Resource>(name: string, resource: Resource, close: (resource: Resource) => Promise<unknown>): Resource;
  /** The named ones are closed first, concurrently. */
  closeAll(together?: readonly string[]): Promise<void>;
};

export function openResources(log: Log): Resources {
  const opened: { name: string; close(): Promise<unknown> }[] = [];
  return {
    own(name, resource, close) {
      opened.push({ name, close: () => close(resource) });
      return resource;
    },
    async closeAll(together = []) {
      const closeOne = async ({ name, close }: (typeof opened)[number]): Promise<void> => {
        await close().catch((error: unknown) => log.warn({ err: error, part: name }, 'a part did not close cleanly'));
      };
      const all = opened.splice(0).toReversed();
      await Promise.all(all.filter(({ name }) => together.includes(name)).map(closeOne));
      for (const part of all) if (!together.includes(part.name)) await closeOne(part);
    },
  };
}

export type OpenDatabase = {
  db: Db;
  pool: pg.Pool;
  connectionString: string;
  /** Bypasses a pooler, which would give a listening session to others. Without a pooler, the same as the other address. */
  directConnectionString: string;
  /** Null when another process runs the database: an external one, or that of a Safelight beside us. */
  postgres: EmbeddedPostgres | null;
};

/** Records and bytes: what every part of the product needs, and all that most commands need. */
export type Data = OpenDatabase & { stores: Stores };

export type DataOptions = {
  log: Log;
  own: Resources['own'];
  /** Lets a command beside a running server use that server's embedded database, which is refused otherwise. */
  beside?: boolean;
  /** The name of its connections in Postgres, after `safelight`: it tells the running product from a command. */
  as?: string;
  /** Ends the opening between its steps, and the start of the embedded database. */
  signal?: AbortSignal;
  /** Ends all connections at once when it aborts. Whoever gives it has to see that it does not once there is work in hand. */
  cut?: AbortSignal;
};

/** Opens the database, migrates it, and opens every store. The caller owns the opened resources, even if this throws. */
export async function openData(config: Config, options: DataOptions): Promise<Data> {
  const database = await openMigrated(config, options);
  const { openStores } = await import('./storage/stores.ts');
  const stores = options.own('stores', await openStores(config), (all) => all.close());
  return { ...database, stores };
}

/** The database alone, migrated. */
export async function openMigrated(config: Config, options: DataOptions): Promise<OpenDatabase> {
  const { log } = options;
  const database = await openDatabaseOf(config, options);
  if (options.beside === true && database.postgres === null) {
    await requireMigrated(database.pool);
  } else {
    await migrateDirectly(database, log, options);
    await seedPolicies(database.db, config.collections);
  }
  return database;
}

/** Migrations wait for locks and take long, and a pooler may cut them off; so they bypass it. Returns the applied files. */
export async function migrateDirectly(database: OpenDatabase, log: Log, { signal, cut }: Pick<DataOptions, 'signal' | 'cut'> = {}): Promise<string[]> {
  const how = signal === undefined ? {} : { signal };
  if (database.directConnectionString === database.connectionString) return await migrate(database.pool, how);
  const direct = openDatabase({ connection: database.directConnectionString, log, max: 1, name: 'migrate', cut });
  return await migrate(direct.pool, how).finally(() => direct.close());
}

/** The database as it is, without migrating it. */
export async function openDatabaseOf(config: Config, options: DataOptions): Promise<OpenDatabase> {
  const { log, own } = options;
  const { connectionString, postgres } = await reachPostgres(config, options);
  const opened = openDatabase({
    connection: connectionString,
    log,
    max: config.databaseConnections,
    cut: options.cut,
    // A command reads whole tables, and somebody watches it.
    ...(options.as === undefined ? {} : { name: options.as, answerWithinMs: patienceMs.databaseAnswer }),
  });
  const { db, pool } = own('database', opened, (database) => database.close());
  if (config.databaseUrl !== null) await requirePostgres(pool, connectionString);
  if (config.redisUrl !== null) {
    const publisher = own('Redis', await openRedisPublisher({ url: config.redisUrl, log }), (redis) => redis.close());
    publishNotificationsBy(db, publisher.publish);
  }
  return { db, pool, connectionString, directConnectionString: config.databaseDirectUrl ?? connectionString, postgres };
}

/** How long to wait for a server that is just starting. */
const startingMs = 10_000;

async function reachPostgres(config: Config, options: DataOptions): Promise<Pick<OpenDatabase, 'connectionString' | 'postgres'>> {
  if (config.databaseUrl !== null) return { connectionString: config.databaseUrl, postgres: null };
  const { log, own, signal } = options;
  const dataDir = path.join(config.dataDir, 'postgres');
  const start = async (): Promise<EmbeddedPostgres> =>
    own('postgres', await startEmbeddedPostgres({ dataDir, log, ...(signal === undefined ? {} : { signal }) }), (server) => server.stop());
  for (const deadline = performance.now() + startingMs; ;) {
    const running = options.beside === true ? await connectionOfRunning(dataDir) : null;
    if (running !== null) return { connectionString: running, postgres: null };
    try {
      const postgres = await start();
      return { connectionString: postgres.connectionString, postgres };
    } catch (error) {
      if (options.beside !== true || !(error instanceof DataDirInUse) || performance.now() > deadline) throw error;
      await delay(100, undefined, signal === undefined ? {} : { signal });
    }
  }
}

/** A command must not change the tables under servers of another version. */
async function requireMigrated(pool: pg.Pool): Promise<void> {
  const { pending, problems } = await migrationStatus(pool);
  const [first] = problems;
  if (first !== undefined) throw new Error(first);
  if (pending.length > 0)
    throw new Error(`The database lacks ${pending.join(', ')}. Run "safelight migrate", or start this version of Safelight, and try again.`);
}
