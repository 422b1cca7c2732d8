import type { Pool } from 'pg';

import { type Answer, defineCommand } from './command.ts';

export const migrateCommand = defineCommand({
  name: 'migrate',
  summary: 'Migrate the database to the schema of this version.',
  details: 'Servers and workers do this by themselves when they start; run it beforehand if you upgrade in steps. Forward only, each file in one transaction.',
  options: {
    check: {
      type: 'boolean',
      purpose:
        'Only show applied and pending migrations, and whether they are compatible with servers of the previous release; exits with 1 if something is pending.',
    },
  },
  examples: [
    { args: 'migrate --check', purpose: 'What would be done.' },
    { args: 'migrate', purpose: 'Apply it. Any number of processes may do this at once.' },
  ],
  async run(call) {
    const [{ loadConfig }, { migrateDirectly, openDatabaseOf, openResources }, { seedPolicies }, { commandLog }] = await Promise.all([
      import('../config.ts'),
      import('../compose-data.ts'),
      import('../policy/seed-policies.ts'),
      import('./with-database.ts'),
    ]);
    const config = await loadConfig(call.env, call.cwd);
    const log = commandLog(config, call.env);
    const { own, closeAll } = openResources(log);
    try {
      const database = await openDatabaseOf(config, { log, own, beside: true, signal: call.signal, cut: call.signal });
      if (call.options.check === true) return await describeStatus(database.pool);
      const applied = await migrateDirectly(database, log, { signal: call.signal, cut: call.signal });
      await seedPolicies(database.db, config.collections);
      return { data: { applied }, text: applied.length === 0 ? 'The database is up to date.' : applied.map((name) => `applied  ${name}`).join('\n') };
    } finally {
      await closeAll();
    }
  },
});

async function describeStatus(pool: Pool): Promise<Answer> {
  const { migrationStatus } = await import('../lib/migrate.ts');
  const status = await migrationStatus(pool);
  const lines = [
    ...status.applied.map((name) => `applied  ${name}${status.newer.includes(name) ? ' (of a later release; this one lives with it)' : ''}`),
    ...status.pending.map((name) => `pending  ${name}`),
    ...status.problems,
  ];
  if (status.pending.length > 0)
    lines.push(
      status.contracting.length === 0
        ? 'Servers of the release before go on working meanwhile and after.'
        : `Stop all servers and workers of the release before first: they do not work after ${status.contracting.join(', ')}.`,
    );
  return { exitCode: status.pending.length + status.problems.length > 0 ? 1 : 0, data: status, text: lines.join('\n') };
}
