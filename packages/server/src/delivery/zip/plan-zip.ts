import { createHash } from 'node:crypto';

/** A file of the archive; all its metadata is known before its first byte is read. */
export type ZipFile = { name: string; bytes: number; crc32: number; modifiedAt: Date };

/** The `length` bytes at `at`: the given bytes, or those of a file. */
export type ZipPiece = { at: number; length: number; content: Buffer | number };
export type ZipPlan = { pieces: ZipPiece[]; bytes: number; etag: string };

/** Larger values do not fit into the original fields of 1989. */
const most32 = 0xffffffff;
const most16 = 0xffff;
const utf8Names = 0x0800;
const [plainVersion, largeVersion] = [20, 45];
/** An ordinary file that its owner may write, in Unix terms. */
const madeOnUnix = 3 << 8;
const regularFile = 0o100644 * 2 ** 16;

/**
 * Plans the whole archive in advance: the position of every byte. Nothing is compressed, so every range of it can be answered from the plan and a
 * range of a file. The same files give the same archive; zip64 is used only where sizes need it.
 */
export function planZip(files: readonly ZipFile[]): ZipPlan {
  const pieces: ZipPiece[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  const add = (content: Buffer | number, length: number): void => {
    if (length > 0) pieces.push({ at, length, content });
    at += length;
  };
  for (const [index, file] of files.entries()) {
    directory.push(directoryEntry(file, at));
    const head = localHeader(file);
    add(head, head.length);
    add(index, file.bytes);
  }
  const start = at;
  const entries = Buffer.concat(directory);
  const end = endOf({ count: files.length, start, length: entries.length });
  add(Buffer.concat([entries, end]), entries.length + end.length);
  const facts = files.map(({ name, bytes, crc32, modifiedAt }) => [name, bytes, crc32, modifiedAt.toISOString()]);
  return { pieces, bytes: at, etag: `"${createHash('sha256').update(JSON.stringify(facts)).digest('base64url')}"` };
}

function localHeader(file: ZipFile): Buffer {
  const name = Buffer.from(file.name);
  const isLarge = file.bytes >= most32;
  const extra = isLarge ? largeExtra([file.bytes, file.bytes]) : Buffer.alloc(0);
  const head = Buffer.alloc(30);
  head.writeUInt32LE(0x04034b50, 0);
  head.writeUInt16LE(isLarge ? largeVersion : plainVersion, 4);
  writeFacts(head, 6, file, isLarge ? most32 : file.bytes);
  head.writeUInt16LE(name.length, 26);
  head.writeUInt16LE(extra.length, 28);
  return Buffer.concat([head, name, extra]);
}

function directoryEntry(file: ZipFile, offset: number): Buffer {
  const name = Buffer.from(file.name);
  const isLarge = file.bytes >= most32;
  const isFar = offset >= most32;
  const extra = isLarge || isFar ? largeExtra([...(isLarge ? [file.bytes, file.bytes] : []), ...(isFar ? [offset] : [])]) : Buffer.alloc(0);
  const entry = Buffer.alloc(46);
  const version = isLarge || isFar ? largeVersion : plainVersion;
  entry.writeUInt32LE(0x02014b50, 0);
  entry.writeUInt16LE(madeOnUnix | version, 4);
  entry.writeUInt16LE(version, 6);
  writeFacts(entry, 8, file, isLarge ? most32 : file.bytes);
  entry.writeUInt16LE(name.length, 28);
  entry.writeUInt16LE(extra.length, 30);
  entry.writeUInt32LE(regularFile, 38);
  entry.writeUInt32LE(isFar ? most32 : offset, 42);
  return Buffer.concat([entry, name, extra]);
}

/** The fields that both headers share: UTF-8 names, no compression, the time, the checksum, and the size twice. */
function writeFacts(into: Buffer, at: number, { crc32, modifiedAt }: ZipFile, size: number): void {
  const { date, time } = dosTime(modifiedAt);
  into.writeUInt16LE(utf8Names, at);
  into.writeUInt16LE(0, at + 2);
  into.writeUInt16LE(time, at + 4);
  into.writeUInt16LE(date, at + 6);
  into.writeUInt32LE(crc32, at + 8);
  into.writeUInt32LE(size, at + 12);
  into.writeUInt32LE(size, at + 16);
}

function largeExtra(values: readonly number[]): Buffer {
  const extra = Buffer.alloc(4 + 8 * values.length);
  extra.writeUInt16LE(0x0001, 0);
  extra.writeUInt16LE(8 * values.length, 2);
  for (const [index, value] of values.entries()) extra.writeBigUInt64LE(BigInt(value), 4 + 8 * index);
  return extra;
}

function endOf({ count, start, length }: { count: number; start: number; length: number }): Buffer {
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Math.min(count, most16), 8);
  end.writeUInt16LE(Math.min(count, most16), 10);
  end.writeUInt32LE(Math.min(length, most32), 12);
  end.writeUInt32LE(Math.min(start, most32), 16);
  if (count < most16 && start < most32 && length < most32) return end;
  const large = Buffer.alloc(56 + 20);
  large.writeUInt32LE(0x06064b50, 0);
  large.writeBigUInt64LE(44n, 4);
  large.writeUInt16LE(madeOnUnix | largeVersion, 12);
  large.writeUInt16LE(largeVersion, 14);
  large.writeBigUInt64LE(BigInt(count), 24);
  large.writeBigUInt64LE(BigInt(count), 32);
  large.writeBigUInt64LE(BigInt(length), 40);
  large.writeBigUInt64LE(BigInt(start), 48);
  // Its position, and that there is one disk.
  large.writeUInt32LE(0x07064b50, 56);
  large.writeBigUInt64LE(BigInt(start + length), 64);
  large.writeUInt32LE(1, 72);
  return Buffer.concat([large, end]);
}

/** In UTC and steps of two seconds; the format has no time zone and starts in 1980. */
function dosTime(at: Date): { date: number; time: number } {
  const year = Math.min(2107, Math.max(1980, at.getUTCFullYear()));
  return {
    date: ((year - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate(),
    time: (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1),
  };
}
