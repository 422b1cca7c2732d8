import { expect, test } from 'vitest';

import { corsRules } from './cors-rules.ts';

const origins = ['https://app.example.org'];

test('prints the CORS rules of the bucket of uploads, for the configured origins', () => {
  const store = { provider: 's3', location: 'in', region: 'us-east-1', executionTarget: 'cloud' } as const;
  const rules = corsRules({ stores: [store], roles: { staging: 's3:in', final: 's3:in' }, corsOrigins: origins });
  expect(rules).toMatchObject({ store: 's3:in', rules: { CORSRules: [{ AllowedOrigins: origins, AllowedMethods: ['PUT'], ExposeHeaders: ['ETag'] }] } });
});

test('prints nothing if Safelight takes the bytes itself', () => {
  const store = { provider: 'filesystem', location: 'objects', root: 'objects' } as const;
  expect(corsRules({ stores: [store], roles: { staging: 'filesystem:objects', final: 'filesystem:objects' }, corsOrigins: '*' })).toBeNull();
});
