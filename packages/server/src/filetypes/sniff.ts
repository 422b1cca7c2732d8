import { typeOfMime, type SniffedType } from './file-types.ts';
import { sniffIsoMedia } from './sniff-iso-media.ts';
import { isText, sniffText } from './sniff-text.ts';

export type { SniffedType } from './file-types.ts';

/** The most bytes that {@link sniffType} reads; passing more changes nothing. */
export const sniffBytes = 65_536;

/**
 * Identifies a file by its first bytes (up to 64 KB), whatever its sender calls it. Null for an unknown type or an empty file. The type only says how
 * the file begins, not that it is whole.
 */
export function sniffType(head: Uint8Array): SniffedType | null {
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, sniffBytes));
  const mime = sniffBinary(bytes) ?? sniffText(bytes);
  return mime === null ? null : typeOfMime(mime);
}

/** Signatures at a fixed place, written as latin1 text. */
const signatures: readonly (readonly [at: number, signature: string, mime: string])[] = [
  [0, '\xff\xd8\xff', 'image/jpeg'],
  [0, '\x89PNG\r\n\x1a\n', 'image/png'],
  [0, 'GIF87a', 'image/gif'],
  [0, 'GIF89a', 'image/gif'],
  // This is also a TIFF of which other programs read only the thumbnail, so it comes before TIFF.
  [8, 'CR\x02\0', 'image/x-raw'],
  [0, 'II*\0', 'image/tiff'],
  [0, 'MM\0*', 'image/tiff'],
  [0, 'II+\0', 'image/tiff'],
  [0, 'MM\0+', 'image/tiff'],
  // Olympus and Panasonic.
  [0, 'IIRO', 'image/x-raw'],
  [0, 'IIRS', 'image/x-raw'],
  [0, 'MMOR', 'image/x-raw'],
  [0, 'IIU\0', 'image/x-raw'],
  [0, 'FUJIFILMCCD-RAW', 'image/x-raw'],
  [6, 'HEAPCCDR', 'image/x-raw'],
  [0, '\xff\x0a', 'image/jxl'],
  [0, '\0\0\0\x0cJXL \r\n\x87\n', 'image/jxl'],
  [0, '\0\0\0\x0cjP  \r\n\x87\n', 'image/jp2'],
  [0, '\xff\x4f\xff\x51', 'image/jp2'],
  [0, '8BPS\0', 'image/vnd.adobe.photoshop'],
  [0, 'fLaC', 'audio/flac'],
  [0, 'FLV\x01', 'video/x-flv'],
  [0, '\0\0\x01\xba', 'video/mpeg'],
  [0, '\0\0\x01\xb3', 'video/mpeg'],
  [0, '\x30\x26\xb2\x75\x8e\x66\xcf\x11', 'video/x-ms-wmv'],
  [0, '#!AMR', 'audio/amr'],
  [0, 'MThd\0\0\0', 'audio/midi'],
  [0, 'caff\0\x01', 'audio/x-caf'],
  [0, '%!PS', 'application/postscript'],
  [0, '\x04%!PS', 'application/postscript'],
  [0, '\xc5\xd0\xd3\xc6', 'application/postscript'],
  [0, 'PK\x03\x04', 'application/zip'],
  [0, 'PK\x05\x06', 'application/zip'],
  [0, 'PK\x07\x08', 'application/zip'],
  [0, '\x1f\x8b', 'application/gzip'],
  [0, '\xfd7zXZ\0', 'application/x-xz'],
  [0, '\x28\xb5\x2f\xfd', 'application/zstd'],
  [0, '7z\xbc\xaf\x27\x1c', 'application/x-7z-compressed'],
  [0, 'Rar!\x1a\x07', 'application/vnd.rar'],
  [0, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'application/x-ole-storage'],
  [0, '{\\rtf', 'application/rtf'],
  [0, '\x7fELF', 'application/x-executable'],
  [0, '\xcf\xfa\xed\xfe', 'application/x-executable'],
  [0, '\xce\xfa\xed\xfe', 'application/x-executable'],
  [0, '\xfe\xed\xfa\xcf', 'application/x-executable'],
  [0, '\xfe\xed\xfa\xce', 'application/x-executable'],
  [0, '\xca\xfe\xba\xbe', 'application/x-executable'],
  [0, '\0asm', 'application/wasm'],
  [0, 'L\0\0\0\x01\x14\x02\0', 'application/x-ms-shortcut'],
  [0, 'SQLite format 3\0', 'application/vnd.sqlite3'],
  [0, 'wOFF', 'font/woff'],
  [0, 'wOF2', 'font/woff2'],
  [0, 'OTTO\0', 'font/otf'],
  [0, '\0\x01\0\0\0', 'font/ttf'],
  [0, 'true\0', 'font/ttf'],
  [0, 'typ1\0', 'font/ttf'],
  [0, 'ttcf\0', 'font/ttf'],
  [0, 'glTF\x02\0\0\0', 'model/gltf-binary'],
  [257, 'ustar', 'application/x-tar'],
];

const startsWith = (bytes: Buffer, at: number, signature: string): boolean => bytes.toString('latin1', at, at + signature.length) === signature;

/** Beyond the last byte of every signature. */
const signed = Math.max(...signatures.map(([at, signature]) => at + signature.length));

function sniffBinary(bytes: Buffer): string | null {
  // As one text for all of them: a text for each took longer than the rest of what is done to tell a small file's type.
  const start = bytes.toString('latin1', 0, signed);
  for (const [at, signature, mime] of signatures) if (start.startsWith(signature, at)) return mime;
  if (startsWith(bytes, 0, 'RIFF') || startsWith(bytes, 0, 'RF64') || startsWith(bytes, 0, 'BW64')) return sniffRiff(bytes);
  if (startsWith(bytes, 0, 'riff\x2e\x91\xcf\x11')) return 'audio/wav';
  if (startsWith(bytes, 0, 'FORM') && (startsWith(bytes, 8, 'AIFF') || startsWith(bytes, 8, 'AIFC'))) return 'audio/aiff';
  if (startsWith(bytes, 0, '\x1a\x45\xdf\xa3')) return sniffMatroska(bytes);
  if (startsWith(bytes, 0, 'OggS')) return sniffOgg(bytes);
  // Short signatures, with which a sentence may begin: text is excluded.
  if (startsWith(bytes, 0, 'MZ') && !isText(bytes)) return 'application/vnd.microsoft.portable-executable';
  // Two letters prove little, so the size of the BMP header must be an existing one.
  if (startsWith(bytes, 0, 'BM') && bytes.length >= 18 && [12, 40, 52, 56, 64, 108, 124].includes(bytes.readUInt32LE(14))) return 'image/bmp';
  if (startsWith(bytes, 0, 'BZh') && (startsWith(bytes, 4, '1AY&SY') || startsWith(bytes, 4, '\x17rE8P\x90'))) return 'application/x-bzip2';
  if (/^[FCZ]WS/.test(bytes.toString('latin1', 0, 3)) && !isText(bytes)) return 'application/x-shockwave-flash';
  if (/^(\xef\xbb\xbf)?\s{0,64}%PDF-/.test(bytes.toString('latin1', 0, 80))) return 'application/pdf';
  if (isIcon(bytes)) return 'image/x-icon';
  // Cameras put a four-byte time stamp before each packet.
  if (isTransportStream(bytes, 0, 188) || isTransportStream(bytes, 4, 192)) return 'video/mp2t';
  return isText(bytes) ? null : (sniffIsoMedia(bytes) ?? sniffMpegAudio(bytes));
}

/** A directory with the number of pictures and the offset of the first one; its first bytes alone begin many other files. */
function isIcon(bytes: Buffer): boolean {
  if (bytes.length < 22 || bytes.readUInt16LE(0) !== 0 || ![1, 2].includes(bytes.readUInt16LE(2))) return false;
  const pictures = bytes.readUInt16LE(4);
  // The reserved byte is 255 in icons written by .NET.
  return pictures > 0 && [0, 255].includes(bytes.readUInt8(9)) && bytes.readUInt32LE(14) > 0 && bytes.readUInt32LE(18) >= 6 + 16 * pictures;
}

const isTransportStream = (bytes: Buffer, first: number, packet: number): boolean =>
  [0, 1, 2].every((number) => bytes[first + number * packet] === 0x47) && !isText(bytes);

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

/** MP3 and ADTS have no signature, only a frame header of eleven or twelve set bits; a second header where the first frame ends confirms it. */
function sniffMpegAudio(bytes: Buffer): string | null {
  let at = 0;
  if (hasId3(bytes)) {
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

/** Checks version and lengths besides the three letters, with which a sentence may begin. */
const hasId3 = (bytes: Buffer): boolean =>
  startsWith(bytes, 0, 'ID3') && bytes.length >= 10 && [2, 3, 4].includes(bytes.readUInt8(3)) && bytes.subarray(6, 10).every((byte) => byte < 0x80);

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
