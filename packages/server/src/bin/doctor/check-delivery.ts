import { createPrivateKey } from 'node:crypto';

import type { Config } from '../../config.ts';
import { broken, doubtful, fine, messageOf, type Finding } from './finding.ts';

const shortSecret = 32;

/** How well purchase limits can be enforced with this kind of delivery, and whether a CDN can verify our signatures. */
export function checkDelivery({ collections, cdn, databaseUrl, environment }: Pick<Config, 'collections' | 'cdn' | 'databaseUrl' | 'environment'>): Finding[] {
  const sold = [...collections.values()].filter(({ visibility }) => visibility === 'grant');
  const handedOver = sold.filter(({ delivery }) => delivery === 'redirect' || delivery === 'cdn');
  const findings = handedOver.map(({ name, delivery }) =>
    doubtful(
      'delivery',
      `${name} is sold and delivered by ${delivery}: a download counts when it is handed over, and its URL can be used again until it expires`,
      'Fine if maxDownloads is only a hint. For exact limits set its delivery to "proxy" or "accelerated" (docs/delivery.md).',
    ),
  );
  if (sold.length > 0 && databaseUrl === null && environment.base === 'production')
    findings.push(
      doubtful(
        'delivery',
        'downloads are counted in the embedded database, on this machine',
        'Fine for one machine with backups. Set DATABASE_URL if there are several.',
      ),
    );
  findings.push(...(cdn === null ? [] : [checkCdn(cdn)]));
  return findings.length > 0 || sold.length === 0 ? findings : [fine('delivery', `download limits are exact: ${sold.map(({ name }) => name).join(', ')}`)];
}

function checkCdn({ kind, baseURL, secret }: NonNullable<Config['cdn']>): Finding {
  const { host, protocol } = new URL(baseURL);
  if (kind === 'cloudfront') return checkPrivateKey(host, secret);
  if (secret.length < shortSecret)
    return doubtful(
      'cdn',
      `the secret for ${host} has ${secret.length} characters`,
      'Use at least 32, made with: openssl rand -hex 32. Set it at the CDN first.',
    );
  if (protocol === 'http:')
    return doubtful('cdn', `${host} is reached by http, so its signed addresses can be read on the way`, 'Set cdn.baseURL to an https address.');
  if (kind === 'cloudflare' || kind === 'bunny')
    return doubtful(
      'cdn',
      `${host} sends files with the name and type that they have in the store: its URLs cannot override them`,
      'Fine for files that programs fetch. To give buyers the original names use cloudfront or nginx-secure-link.',
    );
  return fine('cdn', `addresses at ${host} are signed for ${kind}`);
}

function checkPrivateKey(host: string, secret: string): Finding {
  try {
    const { asymmetricKeyType, asymmetricKeyDetails } = createPrivateKey(secret);
    if (asymmetricKeyType === 'rsa')
      return fine('cdn', `addresses at ${host} are signed with an RSA key of ${asymmetricKeyDetails?.modulusLength ?? '?'} bits`);
    return broken('cdn', `the key for ${host} is of the type ${asymmetricKeyType}, and ours are signed with RSA`, 'Make one with: openssl genrsa 2048');
  } catch (error) {
    return broken(
      'cdn',
      `SAFELIGHT_CDN_SECRET is no private key for ${host}: ${messageOf(error)}`,
      'CloudFront needs an RSA key in PEM; its lines may be divided by \\n.',
    );
  }
}
