import path from 'node:path';

import { z } from 'zod';

import type { StoreConfig } from './store-config.ts';

/** The region to sign with when the provider has none, as most besides AWS. */
export const usualRegion = 'us-east-1';

const about = (description: string): { description: string } => ({ description });
const location = (what: string) => z.string().min(1).meta(about(what));
const target = z.enum(['cloud', 'emulator']).default('cloud').meta(about('Whether it is the real provider or an emulator of it.'));
const variable = (what: string) =>
  z
    .string()
    .regex(/^[A-Z_][A-Z0-9_]*$/, 'the name of an environment variable, like OLD_S3_SECRET')
    .optional()
    .meta(about(what));
const address = z.url({ protocol: /^https?$/ }).optional();

/**
 * A store of the configuration file, beside the active one of the environment: it holds objects that were written earlier, or is a migration target.
 * Credentials are never in the file, only the names of their variables.
 */
export const declaredStoreSchema = z.discriminatedUnion('provider', [
  z.strictObject({
    provider: z.literal('s3'),
    location: location('The bucket.'),
    target,
    region: z.string().min(1).default(usualRegion),
    endpoint: address.meta(about('For everything that is not AWS itself.')),
    accessKeyIdVariable: variable('Names the variable that holds the access key; without both the SDK’s own chain is asked.'),
    secretAccessKeyVariable: variable('Names the variable that holds its secret.'),
    publicBaseUrl: address.meta(about('A CDN or public address of the bucket; URLs that begin with it are recognised by `media adopt`.')),
    equalParts: z.boolean().optional().meta(about('For providers that ask for parts of one size, as R2 does.')),
  }),
  z.strictObject({
    provider: z.literal('azure'),
    location: location('The container.'),
    target,
    connectionStringVariable: variable('Names the variable that holds the connection string; AZURE_STORAGE_CONNECTION_STRING by default.'),
    publicBaseUrl: address,
  }),
  z.strictObject({
    provider: z.literal('gcs'),
    location: location('The bucket.'),
    target,
    endpoint: address.meta(about('For an emulator.')),
    serviceAccountVariable: variable('Names the variable that holds the service account’s JSON; without it the default credentials are used.'),
    publicBaseUrl: address,
  }),
  z.strictObject({
    provider: z.literal('filesystem'),
    location: location('The name that locators carry; `objects` is that of the data directory.'),
    root: z.string().min(1).meta(about('The directory; a relative one begins at the data directory.')),
  }),
]);
export type DeclaredStore = z.output<typeof declaredStoreSchema>;

/** The store with its credentials from the environment; every unset variable is reported as a problem. */
export function resolveDeclaredStore(declared: DeclaredStore, env: Record<string, string | undefined>, dataDir: string, problems: string[]): StoreConfig {
  const named = (variableName: string): string => {
    const value = env[variableName]?.trim();
    if (value === undefined || value === '')
      problems.push(`additionalStores: ${declared.provider}:${declared.location} needs ${variableName}, which is not set.`);
    return value ?? '';
  };
  switch (declared.provider) {
    case 'filesystem':
      return { provider: 'filesystem', location: declared.location, root: path.resolve(dataDir, declared.root) };
    case 's3': {
      const { target: executionTarget, accessKeyIdVariable, secretAccessKeyVariable, region, endpoint, publicBaseUrl, equalParts } = declared;
      if ((accessKeyIdVariable === undefined) !== (secretAccessKeyVariable === undefined))
        problems.push(`additionalStores: s3:${declared.location} names one of accessKeyIdVariable and secretAccessKeyVariable; name both, or neither.`);
      const credentials =
        accessKeyIdVariable === undefined || secretAccessKeyVariable === undefined
          ? {}
          : { credentials: { accessKeyId: named(accessKeyIdVariable), secretAccessKey: named(secretAccessKeyVariable) } };
      return { provider: 's3', location: declared.location, executionTarget, region, ...credentials, ...given({ endpoint, publicBaseUrl, equalParts }) };
    }
    case 'azure': {
      const connectionString = named(declared.connectionStringVariable ?? 'AZURE_STORAGE_CONNECTION_STRING');
      return {
        provider: 'azure',
        location: declared.location,
        executionTarget: declared.target,
        connectionString,
        ...given({ publicBaseUrl: declared.publicBaseUrl }),
      };
    }
    case 'gcs': {
      const { target: executionTarget, endpoint, publicBaseUrl, serviceAccountVariable } = declared;
      const account = serviceAccountVariable === undefined ? {} : { serviceAccountJson: named(serviceAccountVariable) };
      return { provider: 'gcs', location: declared.location, executionTarget, ...account, ...given({ endpoint, publicBaseUrl }) };
    }
    default:
      return declared satisfies never;
  }
}

type Given<Values> = { [Name in keyof Values]?: Exclude<Values[Name], undefined> };

/** Drops values that were not given: an optional field is absent, never undefined. */
function given<Values extends Record<string, unknown>>(values: Values): Given<Values> {
  // No undefined is left, but the compiler cannot see through `fromEntries`.
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<Values>;
}
