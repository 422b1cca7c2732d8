import type { SignedRole } from '@safelight/contract/signed-urls';
import { BlockList, isIPv6 } from 'node:net';

import type { Clock } from '../lib/clock.ts';
import type { Signing } from '../lib/signing.ts';

const purpose = 'media-url';
/** Clocks differ, and a request takes a moment to arrive. */
const leewayMs = 30_000;

/** Everything that a signature covers: changing any of it in the address invalidates the signature. */
export type SignedFor = {
  mediaId: string;
  role: SignedRole | undefined;
  disposition: 'inline' | 'attachment';
  grantId: string | null;
  /** The only network from which it opens; null for any. */
  address: string | null;
};

/** A signature from a request, with the conditions it claims. */
export type ShownSignature = { signature: string; role: SignedRole | undefined; disposition: 'inline' | 'attachment'; address: string | null; caller: string };

const bindingsOf = ({ mediaId, role, disposition, grantId, address }: SignedFor): string[] => [mediaId, role ?? '', disposition, grantId ?? '', address ?? ''];

export const signAddress = (signing: Signing, of: SignedFor, expiresAt: Date): string => signing.sign(purpose, bindingsOf(of), expiresAt);

/** Whether a signature is valid for the request; from another network it is not. */
export function checkSignature(
  { signing, clock }: { signing: Signing; clock: Clock },
  shown: ShownSignature,
  of: { mediaId: string; grantId: string | null },
): 'valid' | 'expired' | 'none' {
  const until = signing.endOf(purpose, bindingsOf({ ...shown, ...of }), shown.signature);
  if (until === null || !isWithin(shown.caller, shown.address)) return 'none';
  return until.getTime() + leewayMs > clock.now().getTime() ? 'valid' : 'expired';
}

function isWithin(caller: string, network: string | null): boolean {
  if (network === null) return true;
  const [address = '', prefix] = network.split('/');
  const networks = new BlockList();
  networks.addSubnet(address, Number(prefix), isIPv6(address) ? 'ipv6' : 'ipv4');
  const plain = plainAddress(caller);
  return networks.check(plain, isIPv6(plain) ? 'ipv6' : 'ipv4');
}

/** The network of a caller: their address, or the part of it that stays when a machine changes the rest. */
export function networkOf(caller: string): string {
  const plain = plainAddress(caller);
  return isIPv6(plain) ? `${plain}/64` : `${plain}/32`;
}

const plainAddress = (address: string): string => address.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
