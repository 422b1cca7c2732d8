import { expandScopes } from '@safelight/contract/scopes';

import { defineCommand } from './command.ts';
import { table } from './terminal.ts';

/** `media:manage`, and scopes that include it, are not limited by ownership. */
const actsOnAnything = (scope: readonly string[]): boolean => expandScopes(scope).has('media:manage');

export const keysList = defineCommand({
  name: 'keys list',
  aliases: ['keys'],
  summary: 'List API keys; never their secrets.',
  examples: [{ args: 'keys list', purpose: 'The newest first, including revoked ones.' }],
  async run(call) {
    const { withDatabase } = await import('./with-database.ts');
    const rows = await withDatabase(
      call,
      async ({ site: { db } }) =>
        await db.selectFrom('api_key').select(['id', 'name', 'scope', 'entities', 'created_at', 'last_used_at', 'revoked_at']).orderBy('id', 'desc').execute(),
    );
    const keys = rows.map(({ id, name, scope, entities, created_at, last_used_at, revoked_at }) => ({
      id,
      name,
      scope,
      entities,
      createdAt: created_at.toISOString(),
      lastUsedAt: last_used_at?.toISOString() ?? null,
      revokedAt: revoked_at?.toISOString() ?? null,
    }));
    const lines = keys.map((key) => [
      key.id,
      key.name,
      key.scope.join(' '),
      key.entities?.join(' ') ?? (actsOnAnything(key.scope) ? 'anything of anybody' : 'anything of its own'),
      key.revokedAt === null ? 'valid' : call.terminal.paint('red', `revoked ${key.revokedAt}`),
    ]);
    return {
      data: { keys },
      text: keys.length === 0 ? 'There are no keys. Make one with: safelight keys create <name>' : table(['id', 'name', 'scope', 'entities', 'state'], lines),
    };
  },
});
