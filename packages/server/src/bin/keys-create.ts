import { randomBytes, randomUUIDv7 } from 'node:crypto';

import { scopes } from '@safelight/contract/scopes';

import { defineCommand, UsageError } from './command.ts';
import { parsePatterns, parseScopes } from './parse-rights.ts';

export const keysCreate = defineCommand({
  name: 'keys create',
  summary: 'Create an API key for a back end. Its secret is shown once.',
  details: 'Only a digest of the secret is stored, so it cannot be shown again. The key may act for an owner with the header Safelight-Act-For.',
  arguments: [{ name: 'name', purpose: 'What the key is for; shown in lists and logs.' }],
  options: {
    scope: { type: 'string', value: 'scopes', purpose: `Separated by spaces or commas: ${scopes.join(', ')}. media:write by default.` },
    entities: {
      type: 'string',
      value: 'patterns',
      purpose: 'The only entities that it can access, separated by commas: listing/9f3,artist/*. It can then access no media without an entity.',
    },
  },
  examples: [
    { args: 'keys create shop-backend --scope media:manage', purpose: 'For a back end without restrictions.' },
    { args: 'keys create importer --scope media:write --entities "listing/*" --json', purpose: 'For a script that adds photos to listings.' },
  ],
  async run(call) {
    const [name = ''] = call.arguments;
    if (!/^[\w.-]{1,64}$/.test(name)) throw new UsageError(`The name "${name}" is not 1 to 64 letters, digits, dots, dashes or underscores.`);
    const scope = parseScopes(call.options.scope ?? 'media:write');
    const entities = call.options.entities === undefined ? null : parsePatterns(call.options.entities);
    const [{ withDatabase }, { hashKey, keyPrefix }] = await Promise.all([import('./with-database.ts'), import('../lib/key-digest.ts')]);
    const secret = keyPrefix + randomBytes(32).toString('base64url');
    const key = { id: randomUUIDv7(), name, scope, entities };
    await withDatabase(
      call,
      async ({ site: { db } }) =>
        await db
          .insertInto('api_key')
          .values({ ...key, secret_hash: hashKey(secret) })
          .execute(),
    );
    call.terminal.note('Keep this secret: it is not shown again.');
    return { data: { key, secret }, text: secret };
  },
});
