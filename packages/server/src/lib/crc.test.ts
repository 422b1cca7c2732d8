import { expect, test } from 'vitest';

import { createCrc32c, createCrc64Nvme } from './crc.ts';

/** The values in the catalogues of checksums for these nine bytes, and for none. */
test.each([
  ['CRC-32C', createCrc32c, 'e3069283', '00000000'],
  ['CRC-64/NVME', createCrc64Nvme, 'ae8b14860a799888', '0000000000000000'],
])('%s of the nine digits is what its catalogue says, in one piece and in several', (_name, open, nine, none) => {
  const [whole, pieces] = [open(), open()];
  whole.update(Buffer.from('123456789'));
  for (const piece of ['1234', '', '56789']) pieces.update(Buffer.from(piece));
  expect([whole.digest().toString('hex'), pieces.digest().toString('hex'), open().digest().toString('hex')]).toEqual([nine, nine, none]);
});
