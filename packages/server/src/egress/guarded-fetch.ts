import { lookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Readable } from 'node:stream';

import { owned } from '../lib/owned.ts';
import { SafelightError } from '../lib/errors.ts';
import { isPublicAddress } from './blocked-addresses.ts';
import { decodeBody } from './decode-body.ts';

export type FetchGuard = {
  /** Whole host names, each with its port where it is not the usual one, that may be reached whatever their address is. */
  allowPrivate: readonly string[];
  /** When not empty, only these whole host names. */
  allowHosts: readonly string[];
  denyHosts: readonly string[];
};

export type FetchOptions = {
  guard: FetchGuard;
  signal: AbortSignal;
  headers?: Record<string, string>;
  /** Who knows the addresses of names; the system unless told otherwise. */
  resolve?: Resolve;
};

export type Resolve = (hostname: string, options: LookupAllOptions, done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void) => void;

export type Fetched = { url: URL; status: number; headers: IncomingMessage['headers']; body: Readable };

const mostRedirects = 5;
const firstByteMs = 15_000;
const idleMs = 30_000;

/**
 * Fetches over http(s) from public addresses only. Names are resolved once for each connection and the connection goes to an address
 * that was checked, so a name that answers differently a moment later gains nothing; every redirect starts from the beginning.
 * Throws `import_blocked` for what is not allowed and `import_failed` for what does not work.
 */
export async function guardedFetch(start: URL, options: FetchOptions): Promise<Fetched> {
  let url = start;
  for (let hop = 0; hop <= mostRedirects; hop += 1) {
    const response = await request(url, options);
    const { statusCode: status = 0, headers } = response;
    if (status < 300 || status >= 400 || headers.location === undefined) return { url, status, headers, body: await decodeBody(response).catch(brokenOff) };
    // A redirect's body is of no interest and may be endless.
    response.destroy();
    if (!URL.canParse(headers.location, url.href))
      throw new SafelightError('import_failed', 'The address redirects to something that is no address.', { retryable: false });
    url = new URL(headers.location, url);
  }
  throw new SafelightError('import_failed', `The address redirects more than ${mostRedirects} times.`, { retryable: false });
}

/** Refuses an address before anything is looked up: scheme, credentials, allow and deny lists, literal IP addresses. */
export function checkImportUrl(url: URL, guard: FetchGuard): void {
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw blockedBy(`Only http and https addresses can be imported, not ${url.protocol.replace(':', '')}.`);
  if (url.username !== '' || url.password !== '') throw blockedBy('An address with a user name or password in it is not imported.');
  // `example.com.` is the same host as `example.com`.
  const hostname = url.hostname.replace(/\.$/, '');
  const names = [hostname, url.port === '' ? hostname : `${hostname}:${url.port}`];
  if (guard.denyHosts.some((denied) => names.includes(denied))) throw blockedBy(`Nothing is imported from ${url.hostname} here.`);
  if (guard.allowHosts.length > 0 && !guard.allowHosts.some((allowed) => names.includes(allowed)))
    throw blockedBy(`Only certain hosts may be imported from here, and ${url.hostname} is none of them.`);
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(literal) !== 0 && !isPublicAddress(literal) && !guard.allowPrivate.includes(url.host)) throw notPublic(url.hostname);
}

const blockedBy = (detail: string): SafelightError => new SafelightError('import_blocked', detail);
const brokenOff = (cause: unknown): never => {
  throw cause instanceof SafelightError ? cause : new SafelightError('import_failed', 'The connection broke before the file was complete.', { cause });
};
const notPublic = (host: string): SafelightError =>
  blockedBy(`${host} is not a public address. Only files that anybody on the internet can reach are imported.`);

async function request(url: URL, { guard, signal, headers, resolve = lookup }: FetchOptions): Promise<IncomingMessage> {
  checkImportUrl(url, guard);
  const mayBePrivate = guard.allowPrivate.includes(url.host);
  const client = url.protocol === 'https:' ? https : http;
  const { promise, resolve: answer, reject } = Promise.withResolvers<IncomingMessage>();
  const outgoing = owned(
    client.get(url, {
      // A connection of its own: one that was opened for another name is never taken over.
      agent: false,
      signal,
      lookup: checkedLookup(resolve, mayBePrivate),
      headers: { accept: '*/*', 'accept-encoding': 'identity', 'user-agent': 'Safelight-Import', ...headers },
    }),
  );
  const deadline = setTimeout(
    () => outgoing.destroy(new SafelightError('import_failed', `${url.hostname} did not answer within ${firstByteMs / 1000} seconds.`)),
    firstByteMs,
  );
  const fail = (cause?: Error): void =>
    reject(
      cause instanceof SafelightError || signal.aborted
        ? (cause ?? signal.reason)
        : new SafelightError('import_failed', `${url.hostname} could not be reached.`, { cause }),
    );
  outgoing.once('response', (response) => {
    // Also one that nobody reads may fail.
    response.on('error', () => undefined);
    answer(response);
  });
  // More than once it may fail, and some answers (101 to nobody's question) are none and no error either.
  outgoing.on('error', fail).once('close', fail);
  try {
    const response = await promise;
    // The last word is the socket's: whatever happened before, this is where the bytes come from.
    const remote = response.socket.remoteAddress ?? '';
    if (!mayBePrivate && !isPublicAddress(remote)) {
      response.destroy();
      throw notPublic(url.hostname);
    }
    response.setTimeout(idleMs, () => response.destroy(new SafelightError('import_failed', `${url.hostname} sent nothing for ${idleMs / 1000} seconds.`)));
    return response;
  } finally {
    clearTimeout(deadline);
  }
}

/** Resolves a name and hands on only addresses that may be reached; one bad address among them refuses the name. */
function checkedLookup(resolve: Resolve, mayBePrivate: boolean): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      const [first] = addresses ?? [];
      if (error !== null || first === undefined) return done(error ?? new Error('no address'), '', 0);
      if (!mayBePrivate && addresses.some(({ address }) => !isPublicAddress(address))) return done(notPublic(hostname), '', 0);
      if (options.all === true) return done(null, addresses);
      return done(null, first.address, first.family);
    });
  };
}
