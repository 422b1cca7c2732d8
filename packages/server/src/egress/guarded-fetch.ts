import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';

import { SafelightError } from '../lib/errors.ts';
import { patienceMs } from '../lib/patience.ts';
import { decodeBody } from './decode-body.ts';
import { AddressRefused, checkAddress, guardedRequest, type AddressGuard, type Resolve } from './guarded-request.ts';

export type FetchGuard = AddressGuard & {
  /** When not empty, only these exact host names are allowed. */
  allowHosts: readonly string[];
  denyHosts: readonly string[];
};

export type FetchOptions = {
  guard: FetchGuard;
  signal: AbortSignal;
  headers?: Record<string, string>;
  /** Resolves names to addresses; by default the system does. */
  resolve?: Resolve;
};

export type Fetched = { url: URL; status: number; headers: IncomingMessage['headers']; body: Readable };

const mostRedirects = 5;

/**
 * Fetches over http(s) from public addresses only. A name is resolved once per connection, and the connection goes to the checked address, so a name
 * that resolves differently a moment later gains nothing; every redirect is checked from the beginning. Throws `import_blocked` for a forbidden
 * address and `import_failed` for a failure.
 */
export async function guardedFetch(start: URL, options: FetchOptions): Promise<Fetched> {
  let url = start;
  for (let hop = 0; hop <= mostRedirects; hop += 1) {
    const response = await request(url, options);
    const { statusCode: status = 0, headers } = response;
    if (status < 300 || status >= 400 || headers.location === undefined) return { url, status, headers, body: await decodeBody(response).catch(brokenOff) };
    // A redirect's body is not needed and may be endless.
    response.destroy();
    if (!URL.canParse(headers.location, url.href))
      throw new SafelightError('import_failed', 'The address redirects to a target that is not an address.', { retryable: false });
    url = new URL(headers.location, url);
  }
  throw new SafelightError('import_failed', `The address redirects more than ${mostRedirects} times.`, { retryable: false });
}

/** Refuses an address before any lookup: by scheme, credentials, allow and deny lists, literal IP addresses. */
export function checkImportUrl(url: URL, guard: FetchGuard): void {
  // `example.com.` is the same host as `example.com`.
  const hostname = url.hostname.replace(/\.$/, '');
  const names = [hostname, url.port === '' ? hostname : `${hostname}:${url.port}`];
  if (guard.denyHosts.some((denied) => names.includes(denied)))
    throw blockedBy(`This collection does not import from ${url.hostname}. Use an address of another host.`);
  if (guard.allowHosts.length > 0 && !guard.allowHosts.some((allowed) => names.includes(allowed)))
    throw blockedBy(`This collection imports only from certain hosts, and ${url.hostname} is not one of them. Use an address of an allowed host.`);
  try {
    checkAddress(url, guard);
  } catch (cause) {
    throw cause instanceof AddressRefused ? blockedBy(cause.message) : cause;
  }
}

const blockedBy = (detail: string): SafelightError => new SafelightError('import_blocked', detail);
const brokenOff = (cause: unknown): never => {
  throw cause instanceof SafelightError ? cause : new SafelightError('import_failed', 'The connection broke before the file was complete.', { cause });
};

async function request(url: URL, options: FetchOptions): Promise<IncomingMessage> {
  checkImportUrl(url, options.guard);
  const deadline = new AbortController();
  const late = setTimeout(
    () => deadline.abort(new SafelightError('import_failed', `${url.hostname} did not answer within ${patienceMs.importAnswer / 1000} seconds.`)),
    patienceMs.importAnswer,
  );
  try {
    const headers = { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'Safelight-Import', ...options.headers };
    const response = await guardedRequest(url, { ...options, method: 'GET', headers, deadline: deadline.signal });
    response.setTimeout(patienceMs.importSilence, () =>
      response.destroy(new SafelightError('import_failed', `${url.hostname} sent nothing for ${patienceMs.importSilence / 1000} seconds.`)),
    );
    return response;
  } catch (cause) {
    if (cause instanceof AddressRefused) throw blockedBy(cause.message);
    if (cause instanceof SafelightError) throw cause;
    if (options.signal.aborted) throw cause ?? options.signal.reason;
    if (isNoHttp(cause))
      throw new SafelightError('import_failed', `${url.hostname} sent an answer that is not valid HTTP, or whose headers are too large.`, {
        cause,
        retryable: false,
      });
    throw new SafelightError('import_failed', `${url.hostname} could not be reached.`, { cause });
  } finally {
    clearTimeout(late);
  }
}

/** The parser's errors about an unreadable answer: a retry would get the same. */
const isNoHttp = (error: unknown): boolean => error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('HPE_');
