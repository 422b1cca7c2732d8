import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { crc32 } from 'node:zlib';

import { expect, test } from 'vitest';

import { claimedDigests } from './claimed-digests.ts';
import { verifiedBody } from './verified-body.ts';

const bytes = Buffer.from('123456789');
const digest = (algorithm: string): string => createHash(algorithm).update(bytes).digest('base64');
const crcOf = Buffer.alloc(4);
crcOf.writeUInt32BE(crc32(bytes));

const pass = async (headers: Record<string, string>, sent = bytes): Promise<Buffer> =>
  await buffer(verifiedBody(Readable.from([sent]), claimedDigests(headers)).stream);

const right: [name: string, value: string][] = [
  ['content-md5', digest('md5')],
  ['x-amz-checksum-sha1', digest('sha1')],
  ['x-amz-checksum-sha256', digest('sha256')],
  ['x-amz-checksum-crc32', crcOf.toString('base64')],
  ['x-amz-checksum-crc32c', Buffer.from('e3069283', 'hex').toString('base64')],
  ['x-amz-checksum-crc64nvme', Buffer.from('ae8b14860a799888', 'hex').toString('base64')],
  ['x-amz-content-sha256', Buffer.from(digest('sha256'), 'base64').toString('hex')],
  ['content-digest', `sha-512=:${digest('sha512')}:, sha-256=:${digest('sha256')}:`],
];

test.each(right)('bytes that have the digest in %s pass, and others fail at their end', async (name, value) => {
  expect(await pass({ [name]: value })).toEqual(bytes);
  await expect(pass({ [name]: value }, Buffer.from('123456780'))).rejects.toMatchObject({ code: 'checksum_mismatch' });
});

test('a digest that cannot be verified is refused rather than ignored', () => {
  for (const headers of [
    { 'content-md5': 'none' },
    { 'content-md5': Buffer.alloc(15).toString('base64') },
    { 'x-amz-checksum-xxhash128': 'AAAA' },
    { 'x-amz-content-sha256': 'STREAMING-AWS4-HMAC-SHA256-PAYLOAD' },
  ])
    expect(() => claimedDigests(headers)).toThrow(expect.objectContaining({ code: 'invalid_request' }));
});

test('a header that says nothing about the bytes is no claim', () => {
  expect(
    claimedDigests({
      'x-amz-checksum-type': 'FULL_OBJECT',
      'x-amz-checksum-algorithm': 'CRC32',
      'x-amz-content-sha256': 'UNSIGNED-PAYLOAD',
      'content-digest': 'unixsum=:AAAA:',
    }),
  ).toEqual([]);
});
