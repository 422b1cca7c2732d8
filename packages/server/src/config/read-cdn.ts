import type { Cdn } from '../delivery/sign-cdn-url.ts';
import { storeName } from '../storage/locator.ts';
import type { StoreConfig } from '../storage/store-config.ts';
import type { StoreRoles } from '../storage/stores.ts';
import type { FileValues } from './read-file.ts';
import type { ReadSetting } from './read-settings.ts';

/** The CDN that the file declares, with its secret; adds what is missing to `problems`. */
export function readCdn(read: ReadSetting, file: FileValues, { roles, stores }: { roles: StoreRoles; stores: StoreConfig[] }, problems: string[]): Cdn | null {
  const secret = read('SAFELIGHT_CDN_SECRET');
  if (file.cdn === null) {
    for (const [name, { delivery }] of Object.entries(file.collections))
      if (delivery === 'cdn') problems.push(`collections.${name}: delivery is "cdn", but no cdn is declared.`);
    return null;
  }
  const { kind, baseURL, store = roles.final, keyId = null } = file.cdn;
  if (secret === null) problems.push(`SAFELIGHT_CDN_SECRET is needed: addresses at the CDN ${new URL(baseURL).host} are signed with it.`);
  if (kind === 'cloudfront' && keyId === null) problems.push('cdn.keyId is needed for CloudFront.');
  if (!stores.some((one) => storeName(one) === store)) problems.push(`cdn.store is "${store}". Configured are: ${stores.map(storeName).join(', ')}.`);
  return { kind, baseURL: baseURL.replace(/\/+$/, ''), store, keyId, secret: (secret ?? '').replaceAll('\\n', '\n') };
}
