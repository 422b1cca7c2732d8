import { defineCommand, UsageError } from './command.ts';
import { counted } from './terminal.ts';

export const databaseMove = defineCommand({
  name: 'database move',
  summary: 'Copy all records to another PostgreSQL, for example from the embedded one to your own, to move off the first machine.',
  details:
    'Stop servers and workers first, and start them with DATABASE_URL set to the new one. Every table is compared by count and digest before the copy is committed; the old database is not changed. Objects stay where they are: "safelight storage migrate" moves them.',
  options: { to: { type: 'string', value: 'url', purpose: 'The empty database, past any pooler, as postgres://user:password@host/name.' } },
  examples: [{ args: 'database move --to postgres://safelight:secret@db.internal/safelight', purpose: 'Then start with DATABASE_URL set to that.' }],
  async run(call) {
    const { to } = call.options;
    if (to === undefined || !/^postgres(ql)?:\/\//.test(to))
      throw new UsageError('Name the empty database with --to, like --to postgres://user:password@host/name.');
    const [{ loadConfig }, { openMigrated, openResources }, { moveDatabase }, { commandLog }] = await Promise.all([
      import('../config.ts'),
      import('../compose-data.ts'),
      import('../backup/move-database.ts'),
      import('./with-database.ts'),
    ]);
    const config = await loadConfig(call.env, call.cwd);
    if (to === config.databaseUrl) throw new UsageError('--to is the database that DATABASE_URL names already.');
    const log = commandLog(config, call.env);
    const { own, closeAll } = openResources(log);
    try {
      const options = { log, own, signal: call.signal };
      const source = await openMigrated(config, { ...options, beside: true });
      const target = await openMigrated({ ...config, databaseUrl: to, databaseDirectUrl: null, redisUrl: null }, options);
      const bar = call.terminal.progress('Copying');
      let tables = 0;
      const moved = await moveDatabase(source.pool, target.pool, () => bar.update(++tables, null));
      bar.clear();
      const text = `${counted(moved.rows, 'row')} in ${counted(moved.tables.length, 'table')} copied and compared. Start servers and workers with DATABASE_URL set to the new database; the old one is as it was.`;
      return { data: moved, text };
    } finally {
      await closeAll();
    }
  },
});
