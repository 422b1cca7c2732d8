import sharp from 'sharp';
import { checkAcceptedType } from '../../filetypes/check-accepted-type.ts';
import { corruptMedia } from '../../filetypes/corrupt-media.ts';
import { typeOfMime } from '../../filetypes/file-types.ts';
import { imageHeader, type ImageHeader } from '../../filetypes/headers/image-header.ts';
import { sniffBytes, sniffType } from '../../filetypes/sniff.ts';
import { SafelightError } from '../../lib/errors.ts';

/** For a drawing that declares only proportions, no size in pixels. */
const sideUnstated = 2048;
/** More is useless: a drawing can be drawn at any size. */
const longestSide = 4096;
const mostBytes = 16 * 2 ** 20;

export const isSvg = (bytes: Buffer): boolean => sniffType(bytes.subarray(0, sniffBytes))?.mime === 'image/svg+xml';

/**
 * Empties the external entities (`<!ENTITY x SYSTEM "file:…">`) of a drawing, as browsers do: librsvg would not open them either, but would call the
 * drawing broken.
 */
export function closeEntities(bytes: Buffer): Buffer {
  if (!bytes.includes('<!ENTITY')) return bytes;
  // As latin1, every byte is preserved, whatever the encoding.
  const closed = bytes.toString('latin1').replaceAll(/<!ENTITY\s+([^\s%"'<>]+)\s+(?:SYSTEM|PUBLIC)\s[^<>]*>/g, '<!ENTITY $1 "">');
  return Buffer.from(closed, 'latin1');
}

/**
 * The size of a drawing, from the library that will draw it, since a drawing's size can have many sources. It is drawn at its declared size, within
 * limits; one that declares only proportions, as logos often do, is drawn large.
 */
export async function readSvgHeader(bytes: Buffer, acceptedTypes: readonly string[]): Promise<ImageHeader> {
  // If the collection does not accept drawings, no library opens one.
  const refused = checkAcceptedType(typeOfMime('image/svg+xml'), acceptedTypes);
  if (refused !== null) throw new SafelightError(refused.code, refused.detail);
  if (bytes.length > mostBytes)
    throw new SafelightError('resource_limit', `The drawing has more than ${mostBytes / 2 ** 20} MB, which is more than is drawn here. Send it as a PNG.`);
  const { width, height } = await sharp(bytes, { limitInputPixels: false })
    .metadata()
    .catch((cause: unknown) => {
      throw corruptMedia('it is no drawing that can be read, or states no size', cause);
    });
  const long = Math.max(width, height);
  const scale = statesSize(bytes) ? Math.min(1, longestSide / long) : sideUnstated / long;
  const drawn = { width: Math.max(1, Math.round(width * scale)), height: Math.max(1, Math.round(height * scale)) };
  return {
    ...imageHeader({ mimeType: 'image/svg+xml', codec: 'svg', storedWidth: width, storedHeight: height, hasAlpha: true, channels: 4 }),
    ...drawn,
  };
}

/** Whether the root has both sides in units of length; a percentage depends on the surrounding page. */
function statesSize(bytes: Buffer): boolean {
  const root = /<(?:[\w-]+:)?svg\b[^>]*/i.exec(bytes.subarray(0, sniffBytes).toString('utf8'))?.[0] ?? '';
  const states = (side: string): boolean => new RegExp(`\\s${side}\\s*=\\s*["']\\s*[\\d.]+\\s*(?!%)[a-z]*\\s*["']`, 'i').test(root);
  return states('width') && states('height');
}
