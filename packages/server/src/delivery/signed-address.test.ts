import { expect, test } from 'vitest';

import { createSigning } from '../lib/signing.ts';
import { checkSignature, networkOf, signAddress, type ShownSignature, type SignedFor } from './signed-address.ts';

const now = new Date('2026-01-01T12:00:00Z');
const until = new Date('2026-01-01T13:00:00Z');
const old = { id: 'old', secret: 'o'.repeat(32) };
const fresh = { id: 'new', secret: 'n'.repeat(32) };
const what: SignedFor = { mediaId: 'm', role: 'source', disposition: 'attachment', grantId: 'g', address: null };
const shownAs = (signature: string, more: Partial<ShownSignature> = {}): ShownSignature => ({
  signature,
  role: 'source',
  disposition: 'attachment',
  address: null,
  caller: '203.0.113.7',
  ...more,
});
type Where = { keys?: Parameters<typeof createSigning>[0]; at?: Date; of?: { mediaId: string; grantId: string | null } };
const check = (shown: ShownSignature, { keys = [old], at = now, of = { mediaId: 'm', grantId: 'g' } }: Where = {}) =>
  checkSignature({ signing: createSigning(keys), clock: { now: () => at } }, shown, of);

test('opens its subject, and nothing that differs in one respect', () => {
  const signature = signAddress(createSigning([old]), what, until);
  expect(check(shownAs(signature))).toBe('valid');
  const others: Partial<ShownSignature>[] = [{ role: 'canonical' }, { role: undefined }, { disposition: 'inline' }, { address: '0.0.0.0/0' }];
  for (const more of others) expect(check(shownAs(signature, more)), JSON.stringify(more)).toBe('none');
  expect(check(shownAs(signature), { of: { mediaId: 'other', grantId: 'g' } })).toBe('none');
  for (const grantId of [null, 'other']) expect(check(shownAs(signature), { of: { mediaId: 'm', grantId } })).toBe('none');
  for (const wrong of ['', 'x', signature.slice(0, -1), `${signature}x`, signature.replace('old', 'new')]) expect(check(shownAs(wrong)), wrong).toBe('none');
});

test('says that it has expired only half a minute later, and never about a signature that is not ours', () => {
  const signature = signAddress(createSigning([old]), what, until);
  const after = (seconds: number) => new Date(until.getTime() + seconds * 1000);
  expect(check(shownAs(signature), { at: after(29) })).toBe('valid');
  expect(check(shownAs(signature), { at: after(30) })).toBe('expired');
  expect(check(shownAs(`${signature.slice(0, -4)}AAAA`), { at: after(30) })).toBe('none');
});

test('signed with an old key is valid until that key is retired', () => {
  const signature = signAddress(createSigning([old]), what, until);
  expect(check(shownAs(signature), { keys: [fresh, old] })).toBe('valid');
  expect(check(shownAs(signature), { keys: [fresh] })).toBe('none');
});

test('opens only from its network, in either version of the protocol', () => {
  const signed = (address: string) => signAddress(createSigning([old]), { ...what, address }, until);
  const from = (address: string, caller: string) => check(shownAs(signed(address), { address, caller }));
  expect(from('203.0.113.0/24', '203.0.113.200')).toBe('valid');
  expect(from('203.0.113.0/24', '::ffff:203.0.113.200')).toBe('valid');
  expect(from('203.0.113.0/24', '203.0.114.1')).toBe('none');
  expect(from('203.0.113.0/24', '2001:db8::1')).toBe('none');
  expect(from('2001:db8:1:2::/64', '2001:db8:1:2:3::4')).toBe('valid');
  expect(from('2001:db8:1:2::/64', '2001:db8:1:3::4')).toBe('none');
  for (const caller of ['203.0.113.7', '::ffff:203.0.113.7', '2001:db8::7', '::1']) expect(from(networkOf(caller), caller), caller).toBe('valid');
});
