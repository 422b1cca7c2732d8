import { randomUUID } from 'node:crypto';

import { patienceMs } from '../../lib/patience.ts';
import type { Config } from '../../config.ts';
import { openStore } from '../../storage/open-store.ts';
import { storeName } from '../../storage/locator.ts';
import type { Store } from '../../storage/store.ts';
import { doubtful, fine, messageOf, type Finding } from './finding.ts';

type Asked = Pick<Store, 'presignPut' | 'capabilities'>;

/**
 * Sends the bucket for uploads a browser's preflight. If the bucket refuses it, a page sees only a network error, so nobody there can tell what is
 * wrong; this check can. Returns nothing when Safelight itself takes the bytes.
 */
export async function checkCors(
  config: Pick<Config, 'stores' | 'roles' | 'corsOrigins' | 'publicUrl'>,
  { signal }: { signal: AbortSignal },
): Promise<Finding[]> {
  const staging = config.stores.find((store) => storeName(store) === config.roles.staging);
  if (staging === undefined || staging.provider === 'filesystem' || staging.provider === 'mocked') return [];
  // Without a list any page may upload; the origin of the console is then the known one.
  const origins = config.corsOrigins === '*' ? [config.publicUrl ?? 'https://example.com'] : config.corsOrigins;
  const limited = AbortSignal.any([signal, AbortSignal.timeout(patienceMs.checkCors)]);
  let store: Store | null = null;
  try {
    store = await openStore(staging);
    return await askStore(store, { name: config.roles.staging, origins: origins.map((address) => new URL(address).origin), signal: limited });
  } catch {
    if (signal.aborted) throw signal.reason;
    // The check of the store reports why it cannot be opened.
    return [];
  } finally {
    await store?.close();
  }
}

/** One finding for all origins: the rules are set together. */
export async function askStore(store: Asked, { name, origins, signal }: { name: string; origins: readonly string[]; signal: AbortSignal }): Promise<Finding[]> {
  if (store.presignPut === undefined || store.capabilities.presignedPut !== 'direct') return [];
  const { url, headers } = await store.presignPut(`safelight-doctor/${randomUUID()}`, { contentType: 'text/plain', bytes: 1, expiresInSeconds: 120 });
  const check = `CORS of ${name}`;
  const refused: string[] = [];
  for (const origin of origins) {
    const why = await askPreflight(url, { origin, headers: Object.keys(headers), signal });
    if (why !== null) refused.push(`${origin} (${why})`);
  }
  if (refused.length === 0) return [fine(check, `browsers may upload straight to it from ${origins.join(', ')}`)];
  return [
    doubtful(
      check,
      `it does not let browsers upload straight to it from ${refused.join(', ')}; to their pages that looks like a lost network`,
      'Set the rules that "safelight doctor --cors" prints, or let only servers upload.',
    ),
  ];
}

/** Why a browser would not send the PUT; null when it would. */
async function askPreflight(
  url: string,
  { origin, headers, signal }: { origin: string; headers: readonly string[]; signal: AbortSignal },
): Promise<string | null> {
  const asked = headers.map((header) => header.toLowerCase()).sort();
  try {
    const answer = await fetch(url, {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'PUT', 'access-control-request-headers': asked.join(',') },
      signal,
    });
    await answer.body?.cancel();
    if (!answer.ok) return `the answer to the preflight is ${answer.status}`;
    const allows = (header: string, value: string): boolean => {
      const allowed = (answer.headers.get(`access-control-allow-${header}`) ?? '').split(',').map((one) => one.trim().toLowerCase());
      return allowed.includes('*') || allowed.includes(value.toLowerCase());
    };
    if (!allows('origin', origin)) return 'the origin is not allowed';
    if (!allows('methods', 'PUT')) return 'PUT is not allowed';
    const missing = asked.filter((header) => !allows('headers', header));
    return missing.length === 0 ? null : `the header ${missing.join(', ')} is not allowed`;
  } catch (error) {
    return messageOf(error);
  }
}
