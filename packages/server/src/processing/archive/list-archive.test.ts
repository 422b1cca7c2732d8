import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';

import { makeZip } from '../../../test/support/documents.ts';
import { listArchive, readEntry, type ReadPart } from './list-archive.ts';

const partsOf =
  (bytes: Buffer): ReadPart =>
  async (start, length) =>
    bytes.subarray(start, start + length);
const list = async (bytes: Buffer) => await listArchive(partsOf(bytes), bytes.length);

test('the names in an archive are read from its directory, without folders, together with the total size', async () => {
  const zip = makeZip({ 'a.txt': 'hello', 'folder/': '', 'folder/Grüße 🎬.txt': 'x'.repeat(5000), 'evil\u202egpj.exe': '' });
  const archive = await list(zip);
  expect(archive?.entries.map(({ name }) => name)).toEqual(['a.txt', 'folder/Grüße 🎬.txt', 'evilgpj.exe']);
  expect(archive?.total).toBe(3);
  expect((await readEntry(partsOf(zip), archive?.entries[1], 10_000))?.toString()).toBe('x'.repeat(5000));
  // An archive that claims to be small and is not is read only up to the claimed end.
  const [, entry] = archive?.entries ?? [];
  expect(await readEntry(partsOf(zip), entry && { ...entry, size: 10 }, 100)).toBeNull();
});

test('a comment at its end and an archive of many files make no difference', async () => {
  const zip = makeZip({ 'a.txt': 'hello' });
  zip.writeUInt16LE(7, zip.length - 2);
  expect(await list(Buffer.concat([zip, Buffer.from('comment')]))).toMatchObject({ total: 1 });
  const many = makeZip(Object.fromEntries(Array.from({ length: 3000 }, (_, index) => [`file ${index}.txt`, ''])));
  expect(await list(many)).toMatchObject({ total: 3000, entries: expect.objectContaining({ length: 3000 }) });
});

test('a damaged archive has no names, whatever it claims', async () => {
  const zip = makeZip({ 'a.txt': 'hello' });
  for (const bytes of [Buffer.alloc(0), randomBytes(1000), zip.subarray(0, zip.length - 10), Buffer.concat([zip.subarray(-22)])])
    expect(await list(bytes)).toBeNull();
  for (let at = 0; at < zip.length; at += 1) {
    const changed = Buffer.from(zip);
    changed[at] = 0xff;
    const archive = await list(changed);
    for (const entry of archive?.entries ?? []) await readEntry(partsOf(changed), entry, 1000);
  }
});
