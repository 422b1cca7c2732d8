import { SafelightError } from '../lib/errors.ts';
import { patienceMs } from '../lib/patience.ts';

export type CdnPurge = { url: string; headers: Record<string, string> };

/** Asks the CDN to purge these URLs. Throws a retryable error when it does not confirm. */
export async function purgeCdn(cdn: CdnPurge, urls: readonly string[], signal: AbortSignal): Promise<void> {
  let status: number;
  try {
    const answer = await fetch(cdn.url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...cdn.headers },
      body: JSON.stringify({ urls }),
      signal: AbortSignal.any([signal, AbortSignal.timeout(patienceMs.cdnPurge)]),
    });
    await answer.body?.cancel();
    status = answer.status;
  } catch (cause) {
    throw new SafelightError('unavailable', 'The purge hook of the CDN cannot be reached; it is tried again.', { cause });
  }
  if (status >= 300) throw new SafelightError('unavailable', `The purge hook of the CDN answered ${status}; it is tried again.`);
}
