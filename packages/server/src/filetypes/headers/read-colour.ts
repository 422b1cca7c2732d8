import type { ImageHeader } from './image-header.ts';
import type { Box } from './iso-boxes.ts';

/** The colours that the first profile and the last `nclx` of an AVIF or HEIF state; `properties` may be of any type. */
export function readColour(bytes: Buffer, properties: readonly Box[]): Pick<ImageHeader, 'iccProfile' | 'cicp'> {
  let iccProfile: Buffer | null = null;
  let cicp: ImageHeader['cicp'] = null;
  for (const box of properties.filter((property) => property.type === 'colr')) {
    const type = bytes.toString('latin1', box.start, box.start + 4);
    if ((type === 'prof' || type === 'rICC') && iccProfile === null) iccProfile = bytes.subarray(box.start + 4, box.end);
    if (type === 'nclx' && box.end - box.start >= 8) cicp = { primaries: bytes.readUInt16BE(box.start + 4), transfer: bytes.readUInt16BE(box.start + 6) };
  }
  return { iccProfile, cicp };
}
