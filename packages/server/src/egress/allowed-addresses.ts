import { BlockList, isIP } from 'node:net';

import type { AddressGuard } from './guarded-request.ts';

const range = /^([0-9a-f.:]+)\/(\d{1,3})$/i;
const host = /^(\[[0-9a-f:.]+\]|[a-z0-9_]([a-z0-9_.-]*[a-z0-9_])?)(:\d{1,5})?$/i;

export const isHostOrRange = (text: string): boolean => rangeOf(text) !== null || host.test(text);

/** Builds a guard from a list of exact hosts and CIDR ranges. `loopback` also allows receivers on a developer's own machine. */
export function allowedAddresses(list: readonly string[], options: { loopback: boolean }): AddressGuard {
  const allowRanges = new BlockList();
  if (options.loopback) {
    allowRanges.addSubnet('127.0.0.0', 8, 'ipv4');
    allowRanges.addAddress('::1', 'ipv6');
  }
  const allowPrivate: string[] = [];
  for (const text of list) {
    const subnet = rangeOf(text);
    if (subnet === null) allowPrivate.push(text.toLowerCase());
    else allowRanges.addSubnet(subnet.network, subnet.prefix, subnet.family);
  }
  return { allowPrivate, allowRanges };
}

function rangeOf(text: string): { network: string; prefix: number; family: 'ipv4' | 'ipv6' } | null {
  const [, network = '', digits] = range.exec(text) ?? [];
  const version = isIP(network);
  const prefix = Number(digits);
  if (version === 0 || prefix > (version === 4 ? 32 : 128)) return null;
  return { network, prefix, family: version === 4 ? 'ipv4' : 'ipv6' };
}
