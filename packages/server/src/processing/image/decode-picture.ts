import sharp, { type Sharp } from 'sharp';
import { SafelightError } from '../../lib/errors.ts';
import { planColours, type ColourPlan } from './plan-colours.ts';
import { convertMatrix } from './convert-matrix.ts';
import { divideByAlpha } from './divide-by-alpha.ts';
import { rgbOfCmyk } from './rgb-of-cmyk.ts';
import { corruptMedia } from '../../filetypes/corrupt-media.ts';
import { decodeHeic } from './decode-heic.ts';
import { decoderInput, type DecoderInput } from './decoder-input.ts';
import { decodeSequence } from './av1/decode-sequence.ts';
import type { ImageHeader, Orientation } from '../../filetypes/headers/image-header.ts';
import { joinPlanes } from './pixels/join-planes.ts';
import type { PixelMemory } from './pixels/pixel-memory.ts';
import { maxReduction } from './pixels/plan-axis.ts';
import { reduceColumns } from './pixels/reduce-columns.ts';
import { canResize, moveIn, resizePixels } from './pixels/resize-pixels.ts';
import { turnPixels } from './pixels/turn-pixels.ts';
import type { Size } from './plan-outputs.ts';
import { sharpOfRaw, toRawPicture, type RawPicture } from './raw-picture.ts';
import { drawPdf } from './draw-pdf.ts';
import { drawSvg } from './draw-svg.ts';
import { tiffOfRaw } from './tiff-of-raw.ts';
import { toneMap, type WidePicture } from './tone-map.ts';

/** The same as in our own resizing, for what the library resizes. */
const kernel = 'lanczos2';

/**
 * The only decode: 8-bit sRGB pixels, upright, at the (upright) `target` size. Work per pixel is done after the resize. The pixels lie in `memory`,
 * which nobody else may use while they are needed.
 */
export async function decodePicture(bytes: Buffer, header: ImageHeader, target: Size, memory: PixelMemory): Promise<RawPicture> {
  try {
    const plan = planColours(header);
    return await toUpright(await decodeStored(bytes, header, target, plan, memory), plan, memory);
  } catch (cause) {
    throw asRefusal(cause);
  }
}

/** Turning last, so that only the needed pixels are turned. */
async function toUpright({ picture, orientation }: Decoded, plan: ColourPlan, memory: PixelMemory): Promise<RawPicture> {
  return turnPixels(memory, moveIn(memory, await toSrgb(picture, plan, memory)), orientation);
}

/** All frames of a sequence, one below the other, as the library takes animations. */
export type Animation = { strip: RawPicture; pageHeight: number; delays: number[]; plays: number };

/** The same for every frame of an AV1 sequence. */
export async function decodeAnimation(bytes: Buffer, header: ImageHeader, target: Size, memory: PixelMemory): Promise<Animation> {
  try {
    const plan = planColours(header);
    const channels = header.hasAlpha ? 4 : 3;
    const pageBytes = target.width * target.height * channels;
    const data = Buffer.allocUnsafe(pageBytes * header.decodableFrames);
    const delays: number[] = [];
    let plays = 0;
    for await (const frame of decodeSequence(bytes, header, storedSize(header, target), memory)) {
      const picture = await toUpright(await asStored(frame.picture, header, target, memory), plan, memory);
      data.set(picture.data, pageBytes * delays.length);
      delays.push(frame.delay);
      plays = frame.plays;
    }
    return { strip: { data, width: target.width, height: target.height * header.decodableFrames, channels }, pageHeight: target.height, delays, plays };
  } catch (cause) {
    throw asRefusal(cause);
  }
}

/** The size of a picture before it is turned upright. */
const storedSize = ({ orientation }: ImageHeader, target: Size): Size => (orientation >= 5 ? { width: target.height, height: target.width } : target);

async function asStored(picture: RawPicture, header: ImageHeader, target: Size, memory: PixelMemory): Promise<Decoded> {
  const size = storedSize(header, target);
  const isReady = picture.width === size.width && picture.height === size.height;
  return { picture: isReady ? picture : await resizeRaw(picture, size, memory), orientation: header.orientation };
}

async function decodeFirst(bytes: Buffer, header: ImageHeader, target: Size, memory: PixelMemory): Promise<Decoded> {
  for await (const { picture } of decodeSequence(bytes, header, storedSize(header, target), memory)) return await asStored(picture, header, target, memory);
  throw corruptMedia('it holds no frame');
}

/** Pixels at the final size, and their remaining orientation. */
type Decoded = { picture: RawPicture | WidePicture; orientation: Orientation };

async function decodeStored(bytes: Buffer, header: ImageHeader, target: Size, plan: ColourPlan, memory: PixelMemory): Promise<Decoded> {
  if (header.codec === 'av1-sequence') return await decodeFirst(bytes, header, target, memory);
  if (header.codec === 'hevc') return await decodeHevc(bytes, header, target, memory);
  if (header.codec === 'pdf') return { picture: await drawPdf(bytes, target), orientation: 1 };
  if (header.codec === 'svg') return { picture: await drawSvg(bytes, header, target), orientation: 1 };
  return await decodeByLibvips(bytes, header, target, plan, memory);
}

async function decodeHevc(bytes: Buffer, header: ImageHeader, target: Size, memory: PixelMemory): Promise<Decoded> {
  const isNear = header.width <= target.width * maxReduction && header.height <= target.height * maxReduction;
  const picture = await decodeHeic(bytes, isNear ? 'planes' : 'pixels', async (decoded) => {
    assertSameSize(header, 'planes' in decoded ? decoded.planes.luma : decoded.pixels);
    if ('pixels' in decoded && header.isPremultiplied && decoded.pixels.channels === 4) divideByAlpha(decoded.pixels.data);
    return 'planes' in decoded ? joinPlanes(memory, decoded.planes, target) : await resizeRaw(decoded.pixels, target, memory);
  });
  // libheif has turned its pictures already.
  return { picture, orientation: 1 };
}

/**
 * For opaque eight-bit pictures libvips reduces only the height, which it does fast and while it decodes, so that the full picture is never in
 * memory; our own code then reduces the width and turns the picture.
 */
async function decodeByLibvips(bytes: Buffer, header: ImageHeader, target: Size, plan: ColourPlan, memory: PixelMemory): Promise<Decoded> {
  const input = decoderInput(bytes, header);
  await assertDecoderAgrees(input, header);
  const { orientation } = header;
  const stored = storedSize(header, target);
  if (plan.how === 'inks') return { picture: await decodeInks(input, header, stored), orientation };
  if (header.isPremultiplied) return { picture: await decodePremultiplied(input, stored, plan, memory), orientation };
  const isOurs = plan.how !== 'tone-map' && keepsColumns(header, stored);
  const size = isOurs ? { width: header.storedWidth, height: stored.height } : stored;
  const resized = sharp(input.bytes, { ...input.options, ignoreIcc: plan.how !== 'decoder' }).resize({ ...size, fit: 'fill', kernel, fastShrinkOnLoad: false });
  if (plan.how === 'tone-map') return { picture: await toWidePicture(resized.toColourspace('rgb16')), orientation };
  const picture = await toRawPicture(resized.toColourspace('srgb'));
  if (picture.width === stored.width) return { picture, orientation };
  return picture.channels === 3
    ? { picture: reduceColumns(memory, picture, stored.width, orientation), orientation: 1 }
    : { picture: await resizeRaw(picture, stored, memory), orientation };
}

/** A fifth channel of a print is a mask or a spot colour at least as often as transparency: only the inks are shown. */
async function decodeInks({ bytes, options }: DecoderInput, { depth }: ImageHeader, stored: Size): Promise<RawPicture> {
  const inks = sharp(bytes, { ...options, ignoreIcc: true })
    .pipelineColourspace('cmyk')
    .removeAlpha()
    .resize({ ...stored, fit: 'fill', kernel, fastShrinkOnLoad: false })
    .toColourspace('cmyk');
  // Asked for 8 bits, the library clips 16-bit inks at 255.
  const { data, info } = await inks.raw({ depth: depth > 8 ? 'ushort' : 'uchar' }).toBuffer({ resolveWithObject: true });
  const narrow = depth > 8 ? Buffer.from(new Uint16Array(data.buffer, data.byteOffset, data.length / 2).map((ink) => Math.round(ink / 257))) : data;
  return { data: rgbOfCmyk(narrow), width: info.width, height: info.height, channels: 3 };
}

/** The library's resize multiplies by alpha, so colours that are premultiplied already are divided first; for tone mapping, afterwards. */
async function decodePremultiplied({ bytes, options }: DecoderInput, stored: Size, plan: ColourPlan, memory: PixelMemory): Promise<RawPicture | WidePicture> {
  const whole = sharp(bytes, { ...options, ignoreIcc: plan.how !== 'decoder' });
  if (plan.how === 'tone-map') {
    const wide = await toWidePicture(whole.resize({ ...stored, fit: 'fill', kernel }).toColourspace('rgb16'));
    if (wide.channels === 4) divideByAlpha(wide.data);
    return wide;
  }
  const picture = await toRawPicture(whole.toColourspace('srgb'));
  if (picture.channels === 4) divideByAlpha(picture.data);
  return await resizeRaw(picture, stored, memory);
}

/** From this reduction on, libvips decodes JPEGs at half their size or less, unless a side keeps its length. */
const decodesSmallerFrom = 4;

function keepsColumns({ depth, hasAlpha, storedWidth: width, storedHeight: height }: ImageHeader, stored: Size): boolean {
  return depth <= 8 && width < stored.width * decodesSmallerFrom && canResize({ width, height, channels: hasAlpha ? 4 : 3 }, stored);
}

async function toSrgb(picture: RawPicture | WidePicture, plan: ColourPlan, memory: PixelMemory): Promise<RawPicture> {
  if (plan.how === 'tone-map') return toneMap(isWide(picture) ? picture : { ...picture, data: Uint16Array.from(picture.data, (value) => value * 257) }, plan);
  if (isWide(picture)) throw new TypeError('Only tone mapping starts from 16 bits.');
  switch (plan.how) {
    case 'none':
    case 'inks':
    case 'decoder':
      return picture;
    case 'matrix':
      return convertMatrix(picture, plan.conversion, memory);
    case 'engine':
      return toRawPicture(sharp(tiffOfRaw(picture, plan.profile), { limitInputPixels: false }).toColourspace('srgb'));
    default:
      return plan satisfies never;
  }
}

const isWide = (picture: RawPicture | WidePicture): picture is WidePicture => picture.data instanceof Uint16Array;

async function toWidePicture(pipeline: Sharp): Promise<WidePicture> {
  const { data, info } = await pipeline.raw({ depth: 'ushort' }).toBuffer({ resolveWithObject: true });
  return {
    data: new Uint16Array(data.buffer, data.byteOffset, data.length / 2),
    width: info.width,
    height: info.height,
    channels: info.channels === 4 ? 4 : 3,
  };
}

/** One step down the cascade. Anything in `memory` other than the picture may be overwritten. */
export async function resizeRaw(picture: RawPicture, target: Size, memory: PixelMemory): Promise<RawPicture> {
  if (canResize(picture, target)) return resizePixels(memory, picture, target);
  return await toRawPicture(sharpOfRaw(picture).resize({ ...target, fit: 'fill', kernel }));
}

/** Our code read the header, the library the pixels: if they disagree, the file means different things to different readers. */
async function assertDecoderAgrees({ bytes, options }: DecoderInput, header: ImageHeader): Promise<void> {
  const metadata = await sharp(bytes, { ...options, limitInputPixels: false }).metadata();
  assertSameSize({ width: header.storedWidth, height: header.storedHeight }, { width: metadata.width, height: metadata.height });
}

function assertSameSize(announced: Size, decoded: Size): void {
  if (announced.width === decoded.width && announced.height === decoded.height) return;
  throw corruptMedia(`it announces ${announced.width} × ${announced.height} pixels but holds ${decoded.width} × ${decoded.height}`);
}

/** Turns a decoder's error into the refusal that the sender should see. */
export function asRefusal(cause: unknown): SafelightError {
  if (cause instanceof SafelightError) return cause;
  // Decoders throw plain errors; these types are faults of this program, not of the file.
  if (cause instanceof TypeError || cause instanceof ReferenceError || cause instanceof RangeError) {
    return new SafelightError('internal', 'The picture could not be processed because of a fault on our side.', { cause });
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  if (/memory|allocate/i.test(message)) {
    return new SafelightError('resource_limit', 'The picture needs more memory than is allowed. Send it at a smaller size.', { cause });
  }
  if (/pixel limit/i.test(message))
    return new SafelightError('too_many_pixels', 'The picture has more pixels on a side than are drawn here. Send it at a smaller size.', { cause });
  if (/support is not configured|not supported|not implemented|no known route|exceeds channel limit/i.test(message))
    return new SafelightError(
      'unsupported_codec',
      `The picture is coded in a way that is not read here (${told(message)}). Save it as an ordinary JPEG, PNG or TIFF.`,
      {
        cause,
      },
    );
  return corruptMedia(`its pixels cannot be decoded (${told(message)})`, cause);
}

/** The library's message, without the name of its module. */
function told(message: string): string {
  const reason =
    /^(?:Input buffer has corrupt header: |Input buffer contains |VipsJpeg: |vips2?\w*: )?([^\n]{1,160})/.exec(message)?.[1] ?? 'it cannot be decoded';
  return reason.trim();
}
