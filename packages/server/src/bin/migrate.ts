import { defineCommand } from './command.ts';

export const migrateCommand = defineCommand({
  name: 'migrate',
  summary: 'Bring the database to what this version expects.',
  details:
    'Servers and workers do it by themselves when they start; run it before, where an upgrade is done in steps. Forward only, each file in one transaction.',
  options: { status: { type: 'boolean', purpose: 'Only say what is applied and what would be; exits with 1 when something is pending.' } },
  examples: [
    { args: 'migrate --status', purpose: 'What would be done.' },
    { args: 'migrate', purpose: 'Do it. Any number may be started at once.' },
  ],
  async run(call) {
    const [{ loadConfig }, { migrateDirectly, openDatabaseOf, openResources }, { migrationStatus }, { seedPolicies }, { commandLog }] = await Promise.all([
      import('../config.ts'),
      import('../compose-data.ts'),
      import('../lib/migrate.ts'),
      import('../policy/seed-policies.ts'),
      import('./with-database.ts'),
    ]);
    const config = await loadConfig(call.env, call.cwd);
    const log = commandLog(config, call.env);
    const { own, closeAll } = openResources(log);
    try {
      const database = await openDatabaseOf(config, { log, own, beside: true, signal: call.signal });
      if (call.options.status === true) {
        const status = await migrationStatus(database.pool);
        const lines = [...status.applied.map((name) => `applied  ${name}`), ...status.pending.map((name) => `pending  ${name}`), ...status.problems];
        return { exitCode: status.pending.length + status.problems.length > 0 ? 1 : 0, data: status, text: lines.join('\n') };
      }
      const applied = await migrateDirectly(database, log, call.signal);
      await seedPolicies(database.db, config.collections);
      return { data: { applied }, text: applied.length === 0 ? 'The database is up to date.' : applied.map((name) => `applied  ${name}`).join('\n') };
    } finally {
      await closeAll();
    }
  },
});
