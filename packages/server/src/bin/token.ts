import { scopes } from '@safelight/contract/scopes';

import { defineCommand, UsageError } from './command.ts';
import { parsePatterns, parseScopes, parseSpan, usualSpan } from './parse-rights.ts';

export const token = defineCommand({
  name: 'token',
  summary: 'Create a bearer token.',
  details:
    'Signed with SAFELIGHT_JWT_SECRET, or in development with the secret in the data directory. In production it requires the configured secret, --sub and --scope.\nIf SAFELIGHT_JWKS_URL is set, tokens come from the identity provider, and this command creates none.',
  options: {
    sub: { type: 'string', value: 'id', purpose: 'The owner of the token. In development "developer" by default.' },
    scope: { type: 'string', value: 'scopes', purpose: `Separated by spaces or commas: ${scopes.join(', ')}. In development media:admin by default.` },
    entities: {
      type: 'string',
      value: 'patterns',
      purpose: 'The entities to which it may write, separated by commas: listing/9f3,artist/*. Without it: entities that are empty or its own.',
    },
    expires: { type: 'string', value: 'time', purpose: `How long it is valid: 90s, 15m, 12h, 30d. ${usualSpan} by default.` },
  },
  examples: [
    { args: 'token', purpose: 'A token that may do everything, in development.' },
    { args: 'token --sub ada --scope media:write --entities "listing/9f3" --expires 1h', purpose: 'A token like a seller’s.' },
    { args: 'token --json', purpose: 'With its claims.' },
  ],
  async run({ options, env, cwd }) {
    const [{ loadConfig }, { mintToken }] = await Promise.all([import('../config.ts'), import('./mint-token.ts')]);
    const { environment, jwt } = await loadConfig(env, cwd);
    if (jwt.jwksUrl !== null || jwt.secret === null)
      throw new UsageError('SAFELIGHT_JWKS_URL is set, so this server takes tokens of the identity provider only. Get one there.');
    const isProduction = environment.base === 'production';
    if (isProduction && (options.sub === undefined || options.scope === undefined))
      throw new UsageError('In production say whose token it is and what it may do: --sub and --scope.');
    const scope = parseScopes(options.scope ?? 'media:admin').join(' ');
    const entities = options.entities === undefined ? undefined : parsePatterns(options.entities);
    const expires = parseSpan(options.expires ?? usualSpan);
    const claims = { sub: options.sub ?? 'developer', scope, expires, ...(entities === undefined ? {} : { entities }) };
    const made = await mintToken({ ...jwt, secret: jwt.secret }, claims);
    return { data: { token: made, ...claims }, text: made };
  },
});
