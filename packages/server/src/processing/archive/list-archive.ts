import { inflateRawSync } from 'node:zlib';

/** Reads a part of an archive from `start` on; at the end it may be shorter than asked. */
export type ReadPart = (start: number, length: number) => Promise<Buffer>;
export type ArchiveEntry = { name: string; method: number; compressed: number; size: number; at: number };
export type Archive = { entries: ArchiveEntry[]; total: number };

const tailBytes = 22 + 0xffff;
/** Room for some forty thousand names; those behind are counted but not read. */
const mostDirectoryBytes = 4 * 2 ** 20;
const large32 = 0xffffffff;

/** Lists the directory of a ZIP, in three reads however large it is. Null when there is no readable directory. */
export async function listArchive(read: ReadPart, bytes: number): Promise<Archive | null> {
  const tailAt = Math.max(0, bytes - tailBytes);
  const tail = await read(tailAt, tailBytes);
  const endAt = tail.lastIndexOf(Buffer.from('504b0506', 'hex'));
  if (endAt < 0 || endAt + 22 > tail.length) return null;
  const plain = { total: tail.readUInt16LE(endAt + 10), length: tail.readUInt32LE(endAt + 12), start: tail.readUInt32LE(endAt + 16) };
  const place = plain.start === large32 || plain.length === large32 || plain.total === 0xffff ? await readLarge(read, tail, endAt) : plain;
  if (place === null || place.start + place.length > bytes) return null;
  const directory = await read(place.start, Math.min(place.length, mostDirectoryBytes));
  const entries = entriesOf(directory);
  const isWhole = place.length <= mostDirectoryBytes;
  return {
    entries: entries.filter(({ name }) => !name.endsWith('/')),
    total: isWhole ? entries.filter(({ name }) => !name.endsWith('/')).length : place.total,
  };
}

async function readLarge(read: ReadPart, tail: Buffer, endAt: number): Promise<{ total: number; length: number; start: number } | null> {
  const locator = tail.subarray(Math.max(0, endAt - 20), endAt);
  if (locator.length < 20 || locator.readUInt32LE(0) !== 0x07064b50) return null;
  const end = await read(Number(locator.readBigUInt64LE(8)), 56);
  if (end.length < 56 || end.readUInt32LE(0) !== 0x06064b50) return null;
  return { total: Number(end.readBigUInt64LE(32)), length: Number(end.readBigUInt64LE(40)), start: Number(end.readBigUInt64LE(48)) };
}

function entriesOf(directory: Buffer): ArchiveEntry[] {
  const entries: ArchiveEntry[] = [];
  let at = 0;
  while (at + 46 <= directory.length && directory.readUInt32LE(at) === 0x02014b50) {
    const nameBytes = directory.readUInt16LE(at + 28);
    const next = at + 46 + nameBytes + directory.readUInt16LE(at + 30) + directory.readUInt16LE(at + 32);
    if (at + 46 + nameBytes > directory.length) break;
    entries.push({
      name: nameOf(directory.subarray(at + 46, at + 46 + nameBytes)),
      method: directory.readUInt16LE(at + 10),
      compressed: directory.readUInt32LE(at + 20),
      size: directory.readUInt32LE(at + 24),
      at: directory.readUInt32LE(at + 42),
    });
    at = next;
  }
  return entries;
}

/** Anybody may have written the name: made safe to show, without line breaks and direction marks. */
function nameOf(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  const read = text.includes('\ufffd') ? bytes.toString('latin1') : text;
  return read.replace(/[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '').slice(0, 255);
}

/** One entry, if it is at most `most` bytes and uses a common compression. */
export async function readEntry(read: ReadPart, entry: ArchiveEntry | undefined, most: number): Promise<Buffer | null> {
  if (entry === undefined || entry.size > most || entry.compressed > most || (entry.method !== 0 && entry.method !== 8)) return null;
  const head = await read(entry.at, 30);
  if (head.length < 30 || head.readUInt32LE(0) !== 0x04034b50) return null;
  const packed = await read(entry.at + 30 + head.readUInt16LE(26) + head.readUInt16LE(28), entry.compressed);
  try {
    return entry.method === 0 ? packed : inflateRawSync(packed, { maxOutputLength: most });
  } catch {
    return null;
  }
}
