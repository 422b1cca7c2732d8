'use client';
/** What the first bytes of a picture tell, read without decoding a pixel. Width and height are upright. */
export type PictureHeader = {
  width: number;
  height: number;
  /** How often its decoder goes over all pixels: a progressive JPEG may say thousands of times with a few bytes each. */
  passes: number;
};

/** Headers end within this in every picture that a camera or a program writes; thumbnails and colour profiles stand before some of them. */
const headBytes = 2 ** 20;

/** The scans of a longer JPEG are not counted, and taken for too many. */
const mostCountedBytes = 2 ** 26;

/** By its bytes, whatever its name says; null for what is no JPEG, PNG, GIF, WebP, AVIF or HEIC, or ends too early. */
export async function readPictureHeader(file: Blob): Promise<PictureHeader | null> {
  const head = new DataView(await file.slice(0, headBytes).arrayBuffer());
  try {
    const header = readHead(head);
    if (header === null || header.width === 0 || header.height === 0) return null;
    const { isProgressive, ...size } = header;
    return { ...size, passes: isProgressive === true ? await countPasses(file) : 1 };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

type Head = { width: number; height: number; isProgressive?: boolean };

function readHead(view: DataView): Head | null {
  if (view.byteLength < 12) return null;
  if (view.getUint16(0) === 0xffd8) return readJpeg(view);
  if (view.getUint32(0) === 0x89504e47) return { width: view.getUint32(16), height: view.getUint32(20) };
  if (textAt(view, 0, 4) === 'GIF8') return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
  if (textAt(view, 0, 4) === 'RIFF' && textAt(view, 8, 4) === 'WEBP') return readWebP(view);
  return textAt(view, 4, 4) === 'ftyp' ? readIsoPicture(view) : null;
}

function readJpeg(view: DataView): Head | null {
  let isTurned = false;
  for (let at = 2; view.getUint8(at) === 0xff;) {
    const marker = view.getUint8(at + 1);
    // Fill bytes may stand before any marker.
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (marker === 0xe1 && textAt(view, at + 4, 4) === 'Exif') isTurned = isSideways(view, at + 10);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
    if (isFrame) return { ...upright(view.getUint16(at + 7), view.getUint16(at + 5), isTurned), isProgressive: marker === 0xc2 };
    if (marker === 0xda || marker === 0xd9) return null;
    at += 2 + view.getUint16(at + 2);
  }
  return null;
}

/** Whether the orientation in the first directory of an Exif block is one of the four that lie on their side. */
function isSideways(view: DataView, tiff: number): boolean {
  const little = view.getUint16(tiff) === 0x4949;
  const directory = tiff + view.getUint32(tiff + 4, little);
  for (let entry = 0; entry < view.getUint16(directory, little); entry += 1) {
    const at = directory + 2 + entry * 12;
    if (view.getUint16(at, little) === 0x0112) return view.getUint16(at + 8, little) >= 5;
  }
  return false;
}

function readWebP(view: DataView): Head | null {
  const form = textAt(view, 12, 4);
  const uint24 = (at: number): number => view.getUint16(at, true) + view.getUint8(at + 2) * 65_536;
  if (form === 'VP8X') return { width: uint24(24) + 1, height: uint24(27) + 1 };
  if (form === 'VP8 ') return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  if (form !== 'VP8L') return null;
  const bits = view.getUint32(21, true);
  return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
}

/** AVIF and HEIC tell the sizes of their tiles as well: the picture is the largest of all. */
function readIsoPicture(view: DataView): Head | null {
  let largest: Head | null = null;
  let isTurned = false;
  for (let at = 12; at + 16 <= view.byteLength; at += 1) {
    const box = view.getUint32(at);
    if (box === 0x69737065) {
      const [width, height] = [view.getUint32(at + 8), view.getUint32(at + 12)];
      if (largest === null || width * height > largest.width * largest.height) largest = { width, height };
    } else if (box === 0x69726f74) isTurned = view.getUint8(at + 4) % 2 === 1;
    // The pictures themselves come last.
    else if (box === 0x6d646174) break;
  }
  return largest && upright(largest.width, largest.height, isTurned);
}

const upright = (width: number, height: number, isTurned: boolean): Head => (isTurned ? { width: height, height: width } : { width, height });

async function countPasses(file: Blob): Promise<number> {
  return file.size > mostCountedBytes ? Number.POSITIVE_INFINITY : Math.max(1, countScans(new Uint8Array(await file.arrayBuffer())));
}

/** Within the data of a scan every 0xff is followed by a zero, so what looks like a marker is one. */
function countScans(bytes: Uint8Array): number {
  let scans = 0;
  for (let at = bytes.indexOf(0xff); at !== -1; at = bytes.indexOf(0xff, at + 1)) if (bytes[at + 1] === 0xda) scans += 1;
  return scans;
}

function textAt(view: DataView, at: number, length: number): string {
  return String.fromCharCode(...new Uint8Array(view.buffer, at, length));
}
