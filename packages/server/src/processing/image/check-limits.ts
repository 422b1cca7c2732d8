import { SafelightError } from '../../lib/errors.ts';
import type { ImageLimits } from '../image-rules.ts';
import { checkAcceptedType } from '../../filetypes/check-accepted-type.ts';
import { typeOfMime } from '../../filetypes/file-types.ts';
import type { ImageHeader } from '../../filetypes/headers/image-header.ts';

/** A sane progressive file makes about ten passes over its pixels. The work is passes times pixels, so that product is bounded. */
const maxScannedPixels = 2_000_000_000;

/** Decoders allocate memory per row or column, so a picture one pixel wide can cost more than any photo. */
const maxSide = 32_768;

const megapixels = (pixels: number): string => `${(pixels / 1e6).toFixed(pixels < 1e7 ? 1 : 0)} megapixels`;

/** Compares a picture's header with the limits, before anything is decoded. Throws the matching refusal. */
export function checkLimits(header: ImageHeader, limits: ImageLimits): void {
  const refused = checkAcceptedType(typeOfMime(header.mimeType), limits.acceptedTypes);
  if (refused !== null) throw new SafelightError(refused.code, refused.detail);

  const { width, height, frames } = header;
  const size = `${width} × ${height} pixels`;
  const pixels = width * height;
  if (Math.max(width, height) > maxSide) {
    throw new SafelightError(
      'too_many_pixels',
      `The picture has ${size}; at most ${maxSide} are allowed on its longer side. Send it at a smaller size or crop it.`,
    );
  }
  if (pixels > limits.maxPixels) {
    throw new SafelightError(
      'too_many_pixels',
      `The picture has ${size} (${megapixels(pixels)}); at most ${megapixels(limits.maxPixels)} are allowed. Send it at a smaller size.`,
    );
  }
  if (frames > limits.maxFrames)
    throw new SafelightError('too_many_frames', `The animation has ${frames} frames; at most ${limits.maxFrames} are allowed. Shorten it.`);
  if (pixels * frames > limits.maxTotalPixels) {
    throw new SafelightError(
      'too_many_pixels',
      `The animation has ${frames} frames of ${size}, ${megapixels(pixels * frames)} together; at most ${megapixels(limits.maxTotalPixels)} are allowed. Shorten it or make it smaller.`,
    );
  }
  if (pixels * header.scans > maxScannedPixels) {
    throw new SafelightError(
      'resource_limit',
      `The picture is stored in ${header.scans} passes, which would take too long to decode. Save it as an ordinary JPEG.`,
    );
  }
  const ratio = width / height;
  if ((limits.minAspectRatio !== undefined && ratio < limits.minAspectRatio) || (limits.maxAspectRatio !== undefined && ratio > limits.maxAspectRatio)) {
    const bounds = `${limits.minAspectRatio?.toFixed(2) ?? '0'} to ${limits.maxAspectRatio?.toFixed(2) ?? 'any'}`;
    throw new SafelightError('aspect_ratio_out_of_range', `The picture is ${ratio.toFixed(2)} times as wide as it is high; ${bounds} is allowed. Crop it.`);
  }
  if ((limits.minWidth !== undefined && width < limits.minWidth) || (limits.minHeight !== undefined && height < limits.minHeight)) {
    throw new SafelightError(
      'too_small',
      `The picture has ${size}; at least ${limits.minWidth ?? 1} × ${limits.minHeight ?? 1} are needed. Send a larger one.`,
    );
  }
}
