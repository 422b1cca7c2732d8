import { isSameFamily, typeOfExtension, typeOfMime, type SniffedType } from './file-types.ts';
import { sniffIsoMedia } from './sniff-iso-media.ts';
import { sniffText } from './sniff-text.ts';

export type { SniffedType } from './file-types.ts';

/** The most bytes that {@link sniffType} looks at; handing it more changes nothing. */
export const sniffBytes = 65_536;

/**
 * Says what a file is from its first bytes (up to 64 KB), whatever its sender calls it. Null: no type that is known here,
 * which includes plain text and the empty file. A type says what the file begins as, not that it is whole.
 */
export function sniffType(head: Uint8Array): SniffedType | null {
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, sniffBytes));
  const mime = sniffBinary(bytes) ?? sniffText(bytes);
  return mime === null ? null : typeOfMime(mime);
}

/** Signatures at a fixed place, written as latin1 text; the longest-lived formats are the most exact ones. */
const signatures: readonly (readonly [at: number, signature: string, mime: string])[] = [
  [0, '\xff\xd8\xff', 'image/jpeg'],
  [0, '\x89PNG\r\n\x1a\n', 'image/png'],
  [0, 'GIF87a', 'image/gif'],
  [0, 'GIF89a', 'image/gif'],
  [0, 'II*\0', 'image/tiff'],
  [0, 'MM\0*', 'image/tiff'],
  [0, 'II+\0', 'image/tiff'],
  [0, 'MM\0+', 'image/tiff'],
  [0, '\xff\x0a', 'image/jxl'],
  [0, '\0\0\0\x0cJXL \r\n\x87\n', 'image/jxl'],
  [0, '\0\0\0\x0cjP  \r\n\x87\n', 'image/jp2'],
  [0, '\xff\x4f\xff\x51', 'image/jp2'],
  [0, '8BPS', 'image/vnd.adobe.photoshop'],
  [0, '\0\0\x01\0', 'image/x-icon'],
  [0, '\0\0\x02\0', 'image/x-icon'],
  [0, 'fLaC', 'audio/flac'],
  [0, 'FLV\x01', 'video/x-flv'],
  [0, '\0\0\x01\xba', 'video/mpeg'],
  [0, '\0\0\x01\xb3', 'video/mpeg'],
  [0, '\x30\x26\xb2\x75\x8e\x66\xcf\x11', 'video/x-ms-wmv'],
  [0, '#!AMR', 'audio/amr'],
  [0, 'MThd', 'audio/midi'],
  [0, 'caff', 'audio/x-caf'],
  [0, '%PDF-', 'application/pdf'],
  [0, '%!PS', 'application/postscript'],
  [0, '\xc5\xd0\xd3\xc6', 'application/postscript'],
  [0, 'PK\x03\x04', 'application/zip'],
  [0, 'PK\x05\x06', 'application/zip'],
  [0, 'PK\x07\x08', 'application/zip'],
  [0, '\x1f\x8b', 'application/gzip'],
  [0, 'BZh', 'application/x-bzip2'],
  [0, '\xfd7zXZ\0', 'application/x-xz'],
  [0, '\x28\xb5\x2f\xfd', 'application/zstd'],
  [0, '7z\xbc\xaf\x27\x1c', 'application/x-7z-compressed'],
  [0, 'Rar!\x1a\x07', 'application/vnd.rar'],
  [0, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'application/x-ole-storage'],
  [0, '{\\rtf', 'application/rtf'],
  [0, '\x7fELF', 'application/x-executable'],
  [0, '\xcf\xfa\xed\xfe', 'application/x-executable'],
  [0, '\xce\xfa\xed\xfe', 'application/x-executable'],
  [0, '\xca\xfe\xba\xbe', 'application/x-executable'],
  [0, '\0asm', 'application/wasm'],
  [0, 'SQLite format 3\0', 'application/vnd.sqlite3'],
  [0, 'wOFF', 'font/woff'],
  [0, 'wOF2', 'font/woff2'],
  [0, 'OTTO\0', 'font/otf'],
  [0, '\0\x01\0\0\0', 'font/ttf'],
  [0, 'ttcf', 'font/ttf'],
  [0, 'glTF', 'model/gltf-binary'],
  [257, 'ustar', 'application/x-tar'],
];

const startsWith = (bytes: Buffer, at: number, signature: string): boolean => bytes.toString('latin1', at, at + signature.length) === signature;

function sniffBinary(bytes: Buffer): string | null {
  for (const [at, signature, mime] of signatures) if (startsWith(bytes, at, signature)) return mime;
  if (startsWith(bytes, 0, 'RIFF') || startsWith(bytes, 0, 'RF64')) return sniffRiff(bytes);
  if (startsWith(bytes, 0, 'FORM') && (startsWith(bytes, 8, 'AIFF') || startsWith(bytes, 8, 'AIFC'))) return 'audio/aiff';
  if (startsWith(bytes, 0, '\x1a\x45\xdf\xa3')) return sniffMatroska(bytes);
  if (startsWith(bytes, 0, 'OggS')) return sniffOgg(bytes);
  if (startsWith(bytes, 0, 'MZ')) return 'application/vnd.microsoft.portable-executable';
  // Two letters prove little, so the size of a BMP's own header must be one that exists.
  if (startsWith(bytes, 0, 'BM') && bytes.length >= 18 && [12, 40, 52, 56, 64, 108, 124].includes(bytes.readUInt32LE(14))) return 'image/bmp';
  if (bytes[0] === 0x47 && bytes[188] === 0x47 && bytes[376] === 0x47) return 'video/mp2t';
  return sniffIsoMedia(bytes) ?? sniffMpegAudio(bytes);
}

function sniffRiff(bytes: Buffer): string | null {
  const form = bytes.toString('latin1', 8, 12);
  if (form === 'WEBP') return 'image/webp';
  if (form === 'WAVE') return 'audio/wav';
  if (form === 'AVI ') return 'video/x-msvideo';
  return null;
}

/** The DocType element of the EBML header names the dialect. */
function sniffMatroska(bytes: Buffer): string | null {
  const at = bytes.subarray(0, 256).indexOf('\x42\x82', 0, 'latin1');
  const docType = at < 0 ? '' : bytes.toString('latin1', at + 3, at + 3 + ((bytes[at + 2] ?? 0x80) & 0x7f));
  return docType.startsWith('webm') ? 'video/webm' : docType.startsWith('matroska') ? 'video/x-matroska' : null;
}

/** The first packet names the codec. */
function sniffOgg(bytes: Buffer): string {
  const packet = bytes.toString('latin1', 28, 40);
  if (packet.startsWith('OpusHead')) return 'audio/opus';
  if (packet.startsWith('\x80theora') || packet.startsWith('fishead')) return 'video/ogg';
  return 'audio/ogg';
}

/** MP3 and ADTS have no signature but a frame header of eleven or twelve set bits; a second one where the first says it ends makes it sure. */
function sniffMpegAudio(bytes: Buffer): string | null {
  let at = 0;
  if (startsWith(bytes, 0, 'ID3') && bytes.length >= 10) {
    at = 10 + (((bytes[6] ?? 0) & 0x7f) << 21) + (((bytes[7] ?? 0) & 0x7f) << 14) + (((bytes[8] ?? 0) & 0x7f) << 7) + ((bytes[9] ?? 0) & 0x7f);
    if (startsWith(bytes, at, 'fLaC')) return 'audio/flac';
    if (at + 4 > bytes.length) return 'audio/mpeg';
  }
  const length = adtsFrameLength(bytes, at);
  if (length !== null) return adtsFrameLength(bytes, at + length) !== null || at + length >= bytes.length ? 'audio/aac' : null;
  const frame = mp3FrameLength(bytes, at);
  if (frame !== null && (mp3FrameLength(bytes, at + frame) !== null || (at > 0 && at + frame >= bytes.length))) return 'audio/mpeg';
  return at > 0 ? 'audio/mpeg' : null;
}

function adtsFrameLength(bytes: Buffer, at: number): number | null {
  const [a, b, , d, e, f] = bytes.subarray(at, at + 6);
  if (a !== 0xff || b === undefined || (b & 0xf6) !== 0xf0 || d === undefined || e === undefined || f === undefined) return null;
  const length = ((d & 3) << 11) | (e << 3) | (f >> 5);
  return length > 7 ? length : null;
}

const mp3Kbps = {
  v1: [
    [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  ],
  v2: [
    [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  ],
} as const;

function mp3FrameLength(bytes: Buffer, at: number): number | null {
  const [a, b, c] = bytes.subarray(at, at + 3);
  if (a !== 0xff || b === undefined || c === undefined || (b & 0xe0) !== 0xe0) return null;
  const version = (b >> 3) & 3;
  const layer = 4 - ((b >> 1) & 3);
  const rate = [44_100, 48_000, 32_000][(c >> 2) & 3];
  const kbps = (version === 3 ? mp3Kbps.v1 : mp3Kbps.v2)[layer - 1]?.[(c >> 4) - 1];
  if (version === 1 || layer === 4 || rate === undefined || kbps === undefined) return null;
  const hertz = version === 3 ? rate : version === 2 ? rate / 2 : rate / 4;
  const padding = (c >> 1) & 1;
  if (layer === 1) return (Math.floor((12_000 * kbps) / hertz) + padding) * 4;
  return Math.floor(((layer === 3 && version !== 3 ? 72_000 : 144_000) * kbps) / hertz) + padding;
}

export type TypeProblem = { code: 'type_mismatch' | 'unsupported_type'; detail: string };

/** What browsers send when they do not know. */
const undeclared = new Set(['', 'application/octet-stream', 'binary/octet-stream', 'application/unknown', 'application/x-unknown']);

/**
 * Compares what a file is with what its sender calls it, by MIME type and by file name. Null: they agree, or nothing was
 * claimed that could be wrong. Claims that are not known here are believed where nothing is known against them, so any file can pass as an opaque one.
 */
export function compareDeclaredType(sniffed: SniffedType | null, declaredMime?: string | null, fileName?: string | null): TypeProblem | null {
  const mime = (declaredMime ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const claimedByMime = undeclared.has(mime) ? null : typeOfMime(mime);
  if (claimedByMime !== null && !mayBe(sniffed, claimedByMime)) return mismatch(`is declared as ${claimedByMime.name} (${mime})`, sniffed);
  if (claimedByMime === null && !undeclared.has(mime) && sniffed !== null && isOtherMajorType(sniffed, mime))
    return mismatch(`is declared as ${mime}`, sniffed);

  const extension = /\.([a-z0-9]{1,10})$/.exec((fileName ?? '').trim().toLowerCase())?.[1];
  const claimedByName = extension === undefined ? null : typeOfExtension(extension);
  if (claimedByName !== null && !mayBe(sniffed, claimedByName)) return mismatch(`is named .${extension}, as ${claimedByName.name} would be`, sniffed);
  return null;
}

/** Text has no signature: a script or a page without its usual first line is still what it claims to be. */
function mayBe(sniffed: SniffedType | null, claimed: SniffedType): boolean {
  if (sniffed !== null) return isSameFamily(sniffed, claimed);
  return claimed.kind === 'file' && (/^(text|font)\/|xml$|rtf$|php$|postscript$|mpegurl$/.test(claimed.mime) || claimed.mime === 'application/x-executable');
}

/** `application/…` says nothing of the content, `text/…` is whatever people call text; `image/`, `video/` and `audio/` do say something. */
function isOtherMajorType(sniffed: SniffedType, mime: string): boolean {
  const major = mime.split('/', 1)[0] ?? '';
  if (major === 'text') return sniffed.kind !== 'file' && sniffed.mime !== 'image/svg+xml';
  if (major === 'video' || major === 'audio') return sniffed.kind !== 'video' && sniffed.kind !== 'audio';
  return major === 'image';
}

function mismatch(claim: string, sniffed: SniffedType | null): TypeProblem {
  const truth = sniffed === null ? 'its bytes are not of that type' : `its bytes are ${sniffed.name} (${sniffed.mime})`;
  return { code: 'type_mismatch', detail: `The file ${claim}, but ${truth}. Send it under its real type, or convert it first.` };
}

/** Types that are also an instance of another one: a HEIC picture is a HEIF picture, an Opus recording an Ogg one. */
const widerType: Readonly<Record<string, string>> = { 'image/heic': 'image/heif', 'audio/opus': 'audio/ogg' };

// Any file, also one that is not known here.
const anyType = '*/*';

/** Whether a type is among the accepted ones, which may be exact (`image/png`), a whole major type (`image/*`) or anything; null when it is. */
export function checkAcceptedType(sniffed: SniffedType | null, acceptedTypes: readonly string[]): TypeProblem | null {
  if (acceptedTypes.includes(anyType)) return null;
  const allowed = acceptedTypes.map((mime) => typeOfMime(mime)?.mime ?? mime);
  if (sniffed !== null && (allowed.includes(sniffed.mime) || allowed.includes(`${sniffed.mime.split('/', 1)[0]}/*`))) return null;
  if (sniffed !== null && allowed.includes(widerType[sniffed.mime] ?? '')) return null;
  const names = allowed.map((mime) => typeOfMime(mime)?.name ?? mime).join(', ');
  const what = sniffed === null ? 'The type of this file is not known here' : `This is ${sniffed.name} (${sniffed.mime})`;
  return { code: 'unsupported_type', detail: `${what}. Accepted here: ${names}.` };
}
