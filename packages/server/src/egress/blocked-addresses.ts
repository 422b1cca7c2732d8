import { BlockList, isIPv4, isIPv6 } from 'node:net';

/**
 * Addresses that an import must never reach: this machine, private networks, the metadata services of clouds, and everything that is not a public
 * unicast address (IANA special-purpose registries). Ranges that embed an IPv4 address in an IPv6 one (mapped, 6to4, Teredo, a network's own NAT64)
 * are blocked as a whole, so that none of them is a way around.
 */
const blocked = new BlockList();
/** Public IPv6 unicast is 2000::/3; its special ranges are blocked again. */
const publicIPv6 = new BlockList();
publicIPv6.addSubnet('2000::', 3, 'ipv6');
const specialIPv6 = new BlockList();
/**
 * The one exception is the well-known prefix of NAT64 (RFC 6052): where a network has DNS64, every name that has only an IPv4 address gets a second one
 * here, and what connects to it comes out at the first. So both are public, or neither is.
 */
const translated = '64:ff9b::';
publicIPv6.addSubnet(translated, 96, 'ipv6');
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  blocked.addSubnet(network, prefix, 'ipv4');
  specialIPv6.addSubnet(`${translated}${network}`, 96 + prefix, 'ipv6');
}

for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  specialIPv6.addSubnet(network, prefix, 'ipv6');
}

/** Whether anybody on the internet can reach the address. An invalid address counts as unreachable. */
export function isPublicAddress(address: string): boolean {
  const plain = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  if (isIPv4(plain)) return !blocked.check(plain, 'ipv4');
  if (isIPv6(plain)) return publicIPv6.check(plain, 'ipv6') && !specialIPv6.check(plain, 'ipv6');
  return false;
}

/** Where clouds give a machine its secrets: always blocked, whatever is allowed. */
const metadata = new BlockList();
for (const [network, prefix] of [
  ['169.254.0.0', 16],
  ['100.100.100.200', 32],
  ['168.63.129.16', 32],
  ['192.0.0.192', 32],
] as const) {
  metadata.addSubnet(network, prefix, 'ipv4');
  metadata.addSubnet(`${translated}${network}`, 96 + prefix, 'ipv6');
}
metadata.addSubnet('fd00:ec2::', 32, 'ipv6');
metadata.addSubnet('fe80::', 10, 'ipv6');
metadata.addAddress('fd20:ce::254', 'ipv6');

export const isMetadataAddress = (address: string): boolean => isInRanges(address, metadata);

/** Includes IPv4 addresses embedded in IPv6 ones. */
export function isInRanges(address: string, ranges: BlockList): boolean {
  const plain = address.replace(/^\[|\]$/g, '').replace(/%.*$/, '');
  if (isIPv4(plain)) return ranges.check(plain, 'ipv4');
  return isIPv6(plain) && ranges.check(plain, 'ipv6');
}
