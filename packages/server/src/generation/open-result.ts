import { Readable } from 'node:stream';

import { owned } from '../lib/owned.ts';
import { ProviderFailure } from './generator.ts';

const mostRedirects = 3;

/**
 * Reads a result from the address that the provider names. Only the provider's own origin is allowed, since the key is sent along and the address
 * comes from outside. Redirects are followed within that origin.
 */
export async function openResult(uri: string, place: { baseURL: string; headers: Record<string, string>; signal: AbortSignal }): Promise<Readable> {
  const home = new URL(place.baseURL);
  let url = URL.parse(uri, home);
  for (let redirects = 0; redirects <= mostRedirects; redirects++) {
    if (url === null || url.origin !== home.origin || url.username !== '' || url.password !== '') throw elsewhere(url);
    const response = await fetch(url, { headers: place.headers, redirect: 'manual', signal: place.signal });
    const location = response.headers.get('location');
    if (response.status >= 300 && response.status < 400 && location !== null) {
      await response.body?.cancel();
      url = URL.parse(location, url);
      continue;
    }
    if (!response.ok || response.body === null) {
      await response.body?.cancel();
      throw new Error(`the result is not there: HTTP ${response.status}`);
    }
    return owned(Readable.from(response.body, { objectMode: false }));
  }
  throw elsewhere(url);
}

const elsewhere = (url: URL | null): ProviderFailure =>
  new ProviderFailure('provider_failed', 'The provider named a place for its result that is not its own.', {
    isBilled: true,
    forOperator: `a result at ${url?.host || 'no address'}`,
  });
