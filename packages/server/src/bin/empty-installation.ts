import { sql } from '#kysely';

import { ConfigError, loadConfig, type Config } from '../config.ts';
import type { Db } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { migratedTables } from '../lib/migrate.ts';
import { refuseUnsafeTargets } from '../storage/refuse-unsafe-targets.ts';
import { storeName } from '../storage/locator.ts';
import type { Store } from '../storage/store.ts';
import type { Answer, Call } from './command.ts';
import { counted } from './terminal.ts';
import { withData, type DataContext } from './with-data.ts';

/** Event counters are kept, so that no cursor repeats. */
const kept = 'event_shard';

/** All tables of Safelight; not the application's own tables in the same database. */
export const tablesToEmpty = async (): Promise<string[]> => (await migratedTables()).filter((name) => name !== kept);

export async function emptyInstallation(call: Call<{ yes: { type: 'boolean'; purpose: string } }>): Promise<Answer> {
  const config = await loadConfig(call.env, call.cwd);
  const refusals = refuseReset(config);
  if (refusals.length > 0) throw new ConfigError(refusals);
  return await withData(call, async (ctx) => {
    const plan = await planReset(ctx);
    const lines = [
      `Database ${plan.database}: ${counted(plan.records, 'record')} in ${counted(plan.tables, 'table')}`,
      ...plan.stores.map(({ store, objects, prefixes }) => `Store ${store}: ${counted(objects, 'object')} below ${prefixes.join(', ')}`),
    ];
    if (call.options.yes !== true) {
      return {
        exitCode: 1,
        data: { done: false, plan },
        text: `This would delete:\n${lines.map((line) => `  ${line}`).join('\n')}\nNothing was done. Do it with: safelight reset --yes`,
      };
    }
    await refuseWhileRunning(ctx.site.db);
    call.terminal.note(`Deleting:\n${lines.map((line) => `  ${line}`).join('\n')}`);
    const bar = call.terminal.progress('Deleting');
    for (const store of ctx.site.stores.all()) for (const prefix of prefixesOf(ctx)) await emptyStore(ctx, store, prefix, (done) => bar.update(done, null));
    await emptyDatabase(ctx);
    bar.clear();
    return { data: { done: true, plan }, text: 'Done. The next start begins with empty collections and the policies of the configuration.' };
  });
}

function refuseReset(config: Config): string[] {
  const refusals = refuseUnsafeTargets({ environment: config.environment.name, stores: config.stores, roles: config.roles }, 'reset');
  if (config.environment.base === 'production') refusals.push(`The environment is "${config.environment.name}": records in production are never reset.`);
  return refusals;
}

const prefixesOf = ({ config }: DataContext): string[] => [...new Set([...config.collections.values()].map(({ keyPrefix }) => `${keyPrefix}/`))];

async function planReset(
  ctx: DataContext,
): Promise<{ database: string; tables: number; records: number; stores: { store: string; objects: number; prefixes: string[] }[] }> {
  const { rows } = await sql<{ name: string }>`select current_database() as name`.execute(ctx.site.db);
  const tables = await tablesToEmpty();
  let records = 0;
  for (const name of tables)
    records +=
      (
        await sql<{ count: number }>`
      select count(*) as count from ${sql.table(name)}`.execute(ctx.site.db)
      ).rows[0]?.count ?? 0;
  const prefixes = prefixesOf(ctx);
  const stores: { store: string; objects: number; prefixes: string[] }[] = [];
  for (const store of ctx.site.stores.all()) {
    let objects = 0;
    for (const prefix of prefixes) for await (const page of pagesOf(ctx, store, prefix)) objects += page.length;
    stores.push({ store: storeName(store), objects, prefixes });
  }
  return {
    database: ctx.config.databaseUrl === null ? `in ${ctx.config.dataDir}` : `"${rows[0]?.name ?? ''}" of DATABASE_URL`,
    tables: tables.length,
    records,
    stores,
  };
}

async function* pagesOf(ctx: Pick<DataContext, 'signal'>, store: Store, prefix: string): AsyncGenerator<string[], void> {
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<Store['list']>> = await store.list({ prefix, signal: ctx.signal, ...(cursor === null ? {} : { cursor }) });
    yield page.objects.map(({ key }) => key);
    cursor = page.cursor;
  } while (cursor !== null);
}

async function emptyStore(ctx: DataContext, store: Store, prefix: string, onProgress: (done: number) => void): Promise<void> {
  let done = 0;
  for await (const keys of pagesOf(ctx, store, prefix)) {
    const { failed } = await store.delete(keys, { signal: ctx.signal });
    const [first] = failed;
    if (first !== undefined)
      throw new SafelightError(
        'storage_unavailable',
        `${counted(failed.length, 'object')} of ${storeName(store)} could not be deleted, the first because: ${first.reason}. The records are still there; try again.`,
      );
    onProgress((done += keys.length));
  }
}

/** A server that keeps running would write what it holds in memory. */
async function refuseWhileRunning(db: Db): Promise<void> {
  const { rows } = await sql<{ count: number }>`
    select count(*) as count from pg_stat_activity
    where datname = current_database() and application_name = 'safelight product'`.execute(db);
  if ((rows[0]?.count ?? 0) > 0) throw new SafelightError('conflict', 'A server or worker is running on this database. Stop it first.');
}

async function emptyDatabase({ config, site: { db } }: DataContext): Promise<void> {
  const { seedPolicies } = await import('../policy/seed-policies.ts');
  const tables = await tablesToEmpty();
  await db.transaction().execute(async (tx) => {
    await sql`truncate ${sql.join(tables.map((name) => sql.table(name)))}`.execute(tx);
  });
  await seedPolicies(db, config.collections);
}
