import sharp, { type Sharp, type SharpOptions } from 'sharp';
import { SafelightError } from '../../lib/errors.ts';
import { convertCicp, needsConversion } from './convert-cicp.ts';
import { corruptMedia } from './corrupt-media.ts';
import { decodeHeic } from './decode-heic.ts';
import type { ImageHeader, Orientation } from './headers/image-header.ts';
import { pngPictureOnly } from './headers/read-png-header.ts';
import { isSrgbProfile } from './is-srgb-profile.ts';
import { sharpOfRaw, toRawPicture, type RawPicture } from './raw-picture.ts';
import { tiffOfRaw } from './tiff-of-raw.ts';

export type Size = { width: number; height: number };

/**
 * Four samples a side instead of Lanczos 3's six: a quarter less of the time that goes into resizing, for at most 0.0013 SSIM
 * against it at any size (measured; docs/performance.md).
 */
const kernel = 'lanczos2';

/** The largest size with the picture's proportions whose long side is `maxSide`; never larger than the picture. */
export function sizeWithin(picture: Size, maxSide: number): Size {
  const scale = Math.min(1, maxSide / Math.max(picture.width, picture.height));
  return { width: Math.max(1, Math.round(picture.width * scale)), height: Math.max(1, Math.round(picture.height * scale)) };
}

export const sourceOptions = (header: ImageHeader): SharpOptions => ({
  // `error` refuses what is cut off; `warning` would refuse pictures that every browser shows.
  failOn: 'error',
  limitInputPixels: header.width * header.height,
  sequentialRead: true,
});

/** Hands the bytes over without what only costs: PNG texts that inflate to gigabytes. */
export const decoderBytes = (bytes: Buffer, header: ImageHeader): Buffer => (header.codec === 'png' ? pngPictureOnly(bytes) : bytes);

/**
 * The one decode: upright 8-bit sRGB pixels at `target` size (upright too). Colours are converted after the resize wherever
 * that gives the same result, since conversion costs more per pixel than anything else.
 */
export async function decodePicture(bytes: Buffer, header: ImageHeader, target: Size): Promise<RawPicture> {
  try {
    if (header.codec === 'hevc') {
      const resized = await decodeHeic(bytes, (picture) => {
        assertSameSize(header, picture);
        return resizeRaw(picture, target);
      });
      if (header.iccProfile === null && needsConversion(header.cicp)) return convertCicp(widen(resized), header.cicp);
      return await convertProfile(resized, header.iccProfile);
    }
    const source = decoderBytes(bytes, header);
    await assertDecoderAgrees(source, header);
    if (header.iccProfile === null && needsConversion(header.cicp)) return convertCicp(await decodeWide(source, header, target), header.cicp);
    const isPlainSrgb = header.colour === 'rgb' && (header.iccProfile === null || isSrgbProfile(header.iccProfile));
    const convertsLate = !isPlainSrgb && header.colour === 'rgb' && header.depth <= 8 && isRgbProfile(header.iccProfile);
    const stored = header.orientation >= 5 ? { width: target.height, height: target.width } : target;
    const resized = sharp(source, { ...sourceOptions(header), ignoreIcc: isPlainSrgb || convertsLate }).resize({
      ...stored,
      fit: 'fill',
      kernel,
      fastShrinkOnLoad: false,
    });
    const decoded = await toRawPicture(upright(resized, header.orientation).toColourspace('srgb'));
    return convertsLate ? await convertProfile(decoded, header.iccProfile) : decoded;
  } catch (cause) {
    throw asRefusal(cause);
  }
}

/** Turned after the resize, or the decoder would have to keep the whole picture: libvips mirrors first, then turns. */
function upright(pipeline: Sharp, orientation: Orientation): Sharp {
  switch (orientation) {
    case 1:
      return pipeline;
    case 2:
      return pipeline.flop();
    case 3:
      return pipeline.rotate(180);
    case 4:
      return pipeline.flip();
    case 5:
      return pipeline.flip().rotate(90);
    case 6:
      return pipeline.rotate(90);
    case 7:
      return pipeline.flop().rotate(90);
    case 8:
      return pipeline.rotate(270);
    default:
      return orientation satisfies never;
  }
}

type WidePicture = { data: Uint16Array; width: number; height: number; channels: 3 | 4 };

/** The decode for colours that 8 bits of an unknown curve would spoil. */
async function decodeWide(source: Buffer, header: ImageHeader, target: Size): Promise<WidePicture> {
  const pipeline = sharp(source, sourceOptions(header))
    .resize({ ...target, fit: 'fill' })
    .toColourspace('rgb16');
  const { data, info } = await pipeline.raw({ depth: 'ushort' }).toBuffer({ resolveWithObject: true });
  return {
    data: new Uint16Array(data.buffer, data.byteOffset, data.length / 2),
    width: info.width,
    height: info.height,
    channels: info.channels === 4 ? 4 : 3,
  };
}

const widen = (picture: RawPicture): WidePicture => ({ ...picture, data: Uint16Array.from(picture.data, (value) => value * 257) });

/** One step down the cascade. */
export function resizeRaw(picture: RawPicture, target: Size): Promise<RawPicture> {
  return toRawPicture(sharpOfRaw(picture).resize({ ...target, fit: 'fill', kernel }));
}

async function convertProfile(picture: RawPicture, profile: Buffer | null): Promise<RawPicture> {
  if (profile === null || !isRgbProfile(profile) || isSrgbProfile(profile)) return picture;
  return toRawPicture(sharp(tiffOfRaw(picture, profile), { limitInputPixels: false }).toColourspace('srgb'));
}

const isRgbProfile = (profile: Buffer | null): boolean => profile !== null && profile.length > 128 && profile.toString('latin1', 16, 20) === 'RGB ';

/** The header was read by us, the pixels come from the library: where they disagree, the file means different things to different readers. */
async function assertDecoderAgrees(source: Buffer, header: ImageHeader): Promise<void> {
  const metadata = await sharp(source, { ...sourceOptions(header), limitInputPixels: false }).metadata();
  assertSameSize({ width: header.storedWidth, height: header.storedHeight }, { width: metadata.width, height: metadata.height });
}

function assertSameSize(announced: Size, decoded: Size): void {
  if (announced.width === decoded.width && announced.height === decoded.height) return;
  throw corruptMedia(`it announces ${announced.width} × ${announced.height} pixels but holds ${decoded.width} × ${decoded.height}`);
}

/** What a decoder throws, as the refusal that the sender should see. */
export function asRefusal(cause: unknown): SafelightError {
  if (cause instanceof SafelightError) return cause;
  // Decoders throw plain errors; these are mistakes of this program, and no fault of the file.
  if (cause instanceof TypeError || cause instanceof ReferenceError || cause instanceof RangeError) {
    return new SafelightError('internal', 'The picture could not be processed because of a fault on our side.', { cause });
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  if (/memory|allocate/i.test(message)) {
    return new SafelightError('resource_limit', 'The picture needs more memory than is allowed. Send it at a smaller size.', { cause });
  }
  const reason =
    /^(?:Input buffer has corrupt header: |Input buffer contains |VipsJpeg: |vips2?\w*: )?([^\n]{1,160})/.exec(message)?.[1] ?? 'it cannot be decoded';
  return corruptMedia(`its pixels cannot be decoded (${reason.trim()})`, cause);
}
