import { lookup, type LookupAddress, type LookupAllOptions } from 'node:dns';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { isIP, type BlockList, type LookupFunction } from 'node:net';

import { owned } from '../lib/owned.ts';
import { isInRanges, isMetadataAddress, isPublicAddress } from './blocked-addresses.ts';

export type AddressGuard = {
  /** Exact host names, each with its port if that is not the default, that may be reached whatever their address, except metadata services. */
  allowPrivate: readonly string[];
  /** Addresses that may be reached although they are not public. */
  allowRanges?: BlockList;
};

export type Resolve = (hostname: string, options: LookupAllOptions, done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void) => void;

export type RequestOptions = {
  guard: AddressGuard;
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  body?: string;
  signal: AbortSignal;
  /** Ends the request with its reason until the answer begins. */
  deadline?: AbortSignal;
  /** Resolves names to addresses; by default the system does. */
  resolve?: Resolve;
};

/** Interim answers (1xx) of one request. Servers send one or two; reading them without end costs as much as sending them. */
const mostAnnounced = 16;

/** The address may not be reached from here. */
export class AddressRefused extends Error {
  override readonly name = 'AddressRefused';
  /** Whether the operator could allow it. */
  readonly isPrivate: boolean;
  constructor(message: string, { isPrivate = false } = {}) {
    super(message);
    this.isPrivate = isPrivate;
  }
}

/**
 * One request over http(s), to an address that the guard allows. The name is resolved once, and the connection goes to the checked address, so a name
 * that resolves differently a moment later gains nothing. Redirects are not followed: they count as answers.
 */
export async function guardedRequest(url: URL, options: RequestOptions): Promise<IncomingMessage> {
  const { guard, method, headers, body, signal, deadline, resolve = lookup } = options;
  checkAddress(url, guard);
  const client = url.protocol === 'https:' ? https : http;
  const { promise, resolve: answer, reject } = Promise.withResolvers<IncomingMessage>();
  const outgoing = owned(
    client.request(url, {
      method,
      // A connection of its own: one that was opened for another name is never reused.
      agent: false,
      // As tolerant as browsers: many servers send bare line feeds or odd header bytes, and no second request follows on this connection.
      insecureHTTPParser: true,
      signal,
      lookup: checkedLookup(resolve, url, guard),
      headers,
    }),
  );
  const endLate = (): void => void outgoing.destroy(deadline?.reason instanceof Error ? deadline.reason : undefined);
  deadline?.addEventListener('abort', endLate, { once: true });
  // The socket's address decides: whatever was checked before, this is where the bytes come from. A connection forgets it when it ends.
  outgoing.once('socket', (socket) =>
    socket.once('connect', () => {
      if (socket.remoteAddress !== undefined && !mayReach(url, socket.remoteAddress, guard)) outgoing.destroy(notPublic(url.hostname));
    }),
  );
  let announced = 0;
  outgoing.on('information', () => {
    if (++announced > mostAnnounced) outgoing.destroy(new Error('The server announced an answer again and again, and sent none.'));
  });
  const fail = (cause?: Error): void => reject(cause ?? signal.reason ?? new Error('The connection closed before an answer came.'));
  // Owned, because an answer that nobody reads may fail too.
  outgoing.once('response', (response) => answer(owned(response)));
  // It may fail more than once, and some answers (an unasked 101) lead to neither a response nor an error.
  outgoing.on('error', fail).once('close', fail);
  outgoing.end(body);
  try {
    return await promise;
  } finally {
    deadline?.removeEventListener('abort', endLate);
  }
}

/** Refuses an address before any lookup: by scheme, credentials, literal IP addresses. */
export function checkAddress(url: URL, guard: AddressGuard): void {
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new AddressRefused(`Only http and https addresses are allowed, not ${url.protocol.replace(':', '')}.`);
  if (url.username !== '' || url.password !== '') throw new AddressRefused('An address must not contain a user name or a password. Send it without them.');
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(literal) !== 0 && !mayReach(url, literal, guard)) throw notPublic(url.hostname);
}

/** How long the resolver may take to find the addresses of a name. */
const lookupMs = 1_000;

/**
 * Refuses an address as `checkAddress` does, and a name that currently resolves to a forbidden address. A name that does not resolve yet is accepted:
 * every request looks it up again.
 */
export async function checkWhereItLeads(url: URL, guard: AddressGuard, resolve: Resolve = lookup): Promise<void> {
  checkAddress(url, guard);
  const { promise, resolve: answer } = Promise.withResolvers<LookupAddress[]>();
  const late = setTimeout(answer, lookupMs, []);
  resolve(url.hostname.replace(/^\[|\]$/g, ''), { all: true }, (error, addresses) => answer(error === null ? addresses : []));
  const addresses = await promise;
  clearTimeout(late);
  if (addresses.some(({ address }) => !mayReach(url, address, guard))) throw notPublic(url.hostname);
}

function mayReach(url: URL, address: string, guard: AddressGuard): boolean {
  if (isMetadataAddress(address)) return false;
  return isPublicAddress(address) || guard.allowPrivate.includes(url.host) || (guard.allowRanges !== undefined && isInRanges(address, guard.allowRanges));
}

const notPublic = (host: string): AddressRefused =>
  new AddressRefused(
    `${host} is not a public address, and only public addresses are contacted from here. Use a public one, or ask the operator to allow this one.`,
    { isPrivate: true },
  );

/** Resolves a name and returns only allowed addresses; one forbidden address among them refuses the name. */
function checkedLookup(resolve: Resolve, url: URL, guard: AddressGuard): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
      const [first] = addresses ?? [];
      if (error !== null || first === undefined) return done(error ?? new Error('no address'), '', 0);
      if (addresses.some(({ address }) => !mayReach(url, address, guard))) return done(notPublic(hostname), '', 0);
      if (options.all === true) return done(null, addresses);
      return done(null, first.address, first.family);
    });
  };
}
