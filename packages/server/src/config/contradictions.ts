import { useFolder } from '../lib/use-folder.ts';
import type { Ceilings } from '../policy/ceilings.ts';
import type { Collections } from '../policy/collection.ts';
import { storeName } from '../storage/locator.ts';
import type { StoreConfig } from '../storage/store-config.ts';
import type { Environment } from './setting-types.ts';

/** Values that are valid by themselves but contradict each other. */
export function contradictions(config: { ceilings: Ceilings; collections: Collections }): string[] {
  const problems: string[] = [];
  for (const { name, kinds, image, policy, purposes, singlePurposes, gate, keepSource, visibility } of config.collections.values()) {
    if (!kinds.includes('image') && image !== null) problems.push(`collections.${name}: has image outputs, but does not take images.`);
    if (kinds.includes('image') && image === null && !keepSource)
      problems.push(`collections.${name}: keeps neither the source nor any output; nothing would be left of an image.`);
    if (visibility === 'grant' && !keepSource) problems.push(`collections.${name}: sells files (visibility "grant"), but does not keep them. Set keepSource.`);
    if (policy.photoReviewEnabled && gate === 'none') problems.push(`collections.${name}: policy.photoReviewEnabled is true, but gate is "none".`);
    for (const purpose of singlePurposes)
      if (!purposes.includes(purpose)) problems.push(`collections.${name}: singlePurposes names "${purpose}", which is not among its purposes.`);
    if (policy.maxBytes > config.ceilings.requestBytes)
      problems.push(`collections.${name}: policy.maxBytes is ${policy.maxBytes}, above ceilings.requestBytes (${config.ceilings.requestBytes}).`);
  }
  return problems;
}

type Folders = {
  dataDir: string;
  databaseUrl: string | null;
  environment: Environment;
  jwt: { secret: string | null; jwksUrl: string | null };
  signingKeys: readonly unknown[] | null;
  stores: readonly StoreConfig[];
};

/** Only checks folders that this configuration writes to: a server with an external database and bucket needs none. */
export function unusableFolders({ dataDir, databaseUrl, environment, jwt, signingKeys, stores }: Folders): string[] {
  const keepsSecrets = environment.base !== 'production' && ((jwt.secret === null && jwt.jwksUrl === null) || signingKeys === null);
  const wanted = [
    ...(databaseUrl === null || keepsSecrets ? [{ setting: 'SAFELIGHT_DATA_DIR', folder: dataDir }] : []),
    ...stores.flatMap((store) => (store.provider === 'filesystem' ? [{ setting: `The store ${storeName(store)}`, folder: store.root }] : [])),
  ];
  for (const { setting, folder } of wanted) {
    const why = useFolder(folder);
    // By default the folder of a store lies below the other; one message is enough for both.
    if (why !== null) return [`${setting} is ${folder}, and ${why}. Name a folder that this account may write to.`];
  }
  return [];
}
