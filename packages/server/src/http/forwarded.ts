import type { IncomingHttpHeaders } from 'node:http';
import { BlockList, isIPv4, isIPv6 } from 'node:net';

import type { FastifyRequest } from 'fastify';

export type Trust = (address: string | undefined) => boolean;

/** Whether an address belongs to a trusted proxy, by addresses and CIDR ranges of IPv4 and IPv6. */
export function createTrust(ranges: readonly string[]): Trust {
  // As configured by default; it is asked on every request that answers with an address of this server.
  if (ranges.length === 0) return () => false;
  const trusted = new BlockList();
  for (const range of ranges) {
    const [address = '', bits] = range.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    if (!isIPv4(address) && !isIPv6(address)) continue;
    if (bits === undefined) trusted.addAddress(address, family);
    else trusted.addSubnet(address, Number(bits), family);
  }
  return (address) => {
    // A dual-stack socket writes IPv4 addresses with this prefix.
    const plain = address?.replace(/^::ffff:(?=\d+\.)/i, '') ?? '';
    return (isIPv4(plain) && trusted.check(plain, 'ipv4')) || (isIPv6(plain) && trusted.check(plain, 'ipv6'));
  };
}

/** The origin that the client requested: from a trusted proxy's `Forwarded`, else its `X-Forwarded-*`, else the request itself. */
export function originOf(request: FastifyRequest, trusts: Trust): string {
  const said = trusts(request.raw.socket.remoteAddress) ? parseForwarded(request.headers.forwarded) : {};
  return `${said.protocol ?? request.protocol}://${said.host ?? request.host}`;
}

const pair = /^\s*([a-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"]+))\s*$/i;
const hostPattern = /^(?:[\w.-]{1,253}|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/i;

/**
 * Protocol and host that the client requested, as the nearest proxy states in `Forwarded` (RFC 7239): the last element, which that proxy wrote
 * itself. A malformed element is ignored.
 */
export function parseForwarded(header: IncomingHttpHeaders['forwarded']): { protocol?: 'http' | 'https'; host?: string } {
  const last = splitOutsideQuotes(header ?? '', ',').at(-1) ?? '';
  const values = new Map<string, string>();
  for (const text of splitOutsideQuotes(last, ';')) {
    const [, name, quoted, token] = pair.exec(text) ?? [];
    if (name !== undefined) values.set(name.toLowerCase(), quoted?.replaceAll(/\\(.)/g, '$1') ?? token ?? '');
  }
  const protocol = values.get('proto')?.toLowerCase();
  const host = values.get('host');
  return {
    ...(protocol === 'http' || protocol === 'https' ? { protocol } : {}),
    ...(host !== undefined && hostPattern.test(host) ? { host } : {}),
  };
}

/** A single pass: a regular expression that looks for each closing quote would scan the rest of the header again and again. */
function splitOutsideQuotes(text: string, separator: ',' | ';'): string[] {
  const parts: string[] = [];
  let begin = 0;
  let isQuoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at];
    if (isQuoted && character === '\\') at += 1;
    else if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && character === separator) {
      parts.push(text.slice(begin, at));
      begin = at + 1;
    }
  }
  const rest = text.slice(begin);
  // An unclosed quote is not a quote: otherwise a client could hide what the proxy behind it adds.
  return [...parts, ...(isQuoted ? rest.split(separator) : [rest])].filter((part) => part !== '');
}
