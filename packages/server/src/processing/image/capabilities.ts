import sharp from 'sharp';
import { canDecodeHeic } from './decode-heic.ts';

/** The picture types that this machine can decode, and why not the others. */
export type ImageCapabilities = { types: string[]; missing: { type: string; reason: string }[] };

/** Asks the decoding libraries; call it in a decoder process, since it loads them. */
export function imageCapabilities(): ImageCapabilities {
  const { jpeg, png, webp, gif, tiff, heif, svg } = sharp.format;
  const byLibvips = 'the installed libvips was built without it';
  const byLibheif = 'the optional package libheif-js is not installed';
  const checks = [
    { type: 'image/jpeg', isThere: jpeg.input.buffer, reason: byLibvips },
    { type: 'image/png', isThere: png.input.buffer, reason: byLibvips },
    { type: 'image/webp', isThere: webp.input.buffer, reason: byLibvips },
    { type: 'image/gif', isThere: gif.input.buffer, reason: byLibvips },
    { type: 'image/avif', isThere: heif.input.buffer, reason: byLibvips },
    { type: 'image/tiff', isThere: tiff.input.buffer, reason: byLibvips },
    { type: 'image/svg+xml', isThere: svg.input.buffer, reason: byLibvips },
    { type: 'image/heic', isThere: canDecodeHeic(), reason: byLibheif },
    { type: 'image/heif', isThere: canDecodeHeic(), reason: byLibheif },
  ];
  return {
    types: checks.filter((check) => check.isThere).map(({ type }) => type),
    missing: checks.filter((check) => !check.isThere).map(({ type, reason }) => ({ type, reason })),
  };
}
