import { isUuid } from '../lib/ids.ts';
import { defineCommand, UsageError } from './command.ts';

export const keysRevoke = defineCommand({
  name: 'keys revoke',
  summary: 'Revoke an API key, from the next request on. Revoking twice does no harm.',
  arguments: [{ name: 'key', purpose: 'Its id, or its name if only one valid key has it.' }],
  examples: [{ args: 'keys revoke shop-backend', purpose: 'By name.' }],
  async run(call) {
    const [given = ''] = call.arguments;
    const { withDatabase } = await import('./with-database.ts');
    const id = await withDatabase(call, async ({ site: { db } }) => {
      const named = db.selectFrom('api_key').select(['id', 'revoked_at']);
      const found = await (isUuid(given) ? named.where('id', '=', given) : named.where('name', '=', given)).execute();
      const valid = found.filter(({ revoked_at }) => revoked_at === null);
      if (found.length === 0) throw new UsageError(`There is no key "${given}". "safelight keys list" shows them.`);
      if (valid.length > 1)
        throw new UsageError(`${valid.length} valid keys are named "${given}". Say which by its id: ${valid.map((key) => key.id).join(', ')}.`);
      const [key] = valid;
      if (key !== undefined) await db.updateTable('api_key').set({ revoked_at: new Date() }).where('id', '=', key.id).execute();
      return key?.id ?? found[0]?.id ?? given;
    });
    return { data: { revoked: id }, text: `Revoked ${id}.` };
  },
});
