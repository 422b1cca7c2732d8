import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { crc32 } from 'node:zlib';

import { createCrc32c, createCrc64Nvme, type Crc } from '../lib/crc.ts';
import { SafelightError } from '../lib/errors.ts';

/** A digest that a sender declares for its bytes, and how it is computed. */
export type ClaimedDigest = { header: string; expected: Buffer; running: Crc };

const hash = (algorithm: string) => (): Crc => {
  const running = createHash(algorithm);
  return { update: (bytes) => void running.update(bytes), digest: () => running.digest() };
};
const createCrc32 = (): Crc => {
  let value = 0;
  return {
    update: (bytes) => void (value = crc32(bytes, value)),
    digest() {
      const digest = Buffer.alloc(4);
      digest.writeUInt32BE(value);
      return digest;
    },
  };
};
const openers = {
  md5: hash('md5'),
  sha1: hash('sha1'),
  sha256: hash('sha256'),
  sha512: hash('sha512'),
  crc32: createCrc32,
  crc32c: createCrc32c,
  crc64nvme: createCrc64Nvme,
};
const isKnown = (algorithm: string): algorithm is keyof typeof openers => Object.hasOwn(openers, algorithm);

/** `x-amz-checksum-` headers that describe a checksum without containing one. */
const aboutChecksums = new Set(['algorithm', 'type', 'mode']);
const checksumHeader = 'x-amz-checksum-';

/**
 * The digests in the headers of a PUT: `Content-MD5`, `x-amz-checksum-*`, `x-amz-content-sha256`, and `Content-Digest` and `Repr-Digest` (RFC 9530).
 * A digest that cannot be checked is refused rather than ignored: 200 would confirm it.
 */
export function claimedDigests(headers: IncomingHttpHeaders): ClaimedDigest[] {
  return Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? claimsIn(name, value.trim()) : []));
}

function claimsIn(name: string, value: string): ClaimedDigest[] {
  if (name === 'content-md5') return [claim(name, 'md5', fromBase64(value))];
  if (name === 'x-amz-content-sha256') return value === 'UNSIGNED-PAYLOAD' ? [] : [claim(name, 'sha256', fromHex(value))];
  if (name === 'content-digest' || name === 'repr-digest') return claimsInDictionary(name, value);
  if (!name.startsWith(checksumHeader)) return [];
  const algorithm = name.slice(checksumHeader.length);
  if (aboutChecksums.has(algorithm)) return [];
  if (!isKnown(algorithm))
    throw unreadable(name, `${name} cannot be verified here. ${Object.keys(openers).join(', ')} can; leave out any other, or send Content-MD5.`);
  return [claim(name, algorithm, fromBase64(value))];
}

/** The RFC says that a receiver ignores algorithms that it does not know. */
const claimsInDictionary = (name: string, value: string): ClaimedDigest[] =>
  [...value.matchAll(/(sha-256|sha-512|md5)=:([^:]*):/g)].map(([, algorithm = '', digest = '']) =>
    claim(name, algorithm === 'md5' ? 'md5' : algorithm === 'sha-256' ? 'sha256' : 'sha512', fromBase64(digest)),
  );

function claim(header: string, algorithm: keyof typeof openers, expected: Buffer | null): ClaimedDigest {
  const running = openers[algorithm]();
  const { length } = openers[algorithm]().digest();
  if (expected === null || expected.length !== length)
    throw unreadable(header, `${header} is not a digest: ${length} bytes are expected, ${header === 'x-amz-content-sha256' ? 'in hexadecimal' : 'in base64'}.`);
  return { header, expected, running };
}

const fromBase64 = (text: string): Buffer | null => (/^[A-Za-z0-9+/]+={0,2}$/.test(text) ? Buffer.from(text, 'base64') : null);
const fromHex = (text: string): Buffer | null => (/^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : null);

const unreadable = (field: string, detail: string): SafelightError =>
  new SafelightError('invalid_request', detail, { errors: [{ field, message: 'cannot be verified' }] });
