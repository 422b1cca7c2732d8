import { SafelightError } from '../../../lib/errors.ts';
import { corruptMedia } from '../../../filetypes/corrupt-media.ts';
import type { ImageHeader } from '../../../filetypes/headers/image-header.ts';
import { readSequence } from '../../../filetypes/headers/read-sequence.ts';
import { divideByAlpha } from '../divide-by-alpha.ts';
import { joinPlanes, type Plane } from '../pixels/join-planes.ts';
import { lumaWeightsOfMatrix } from '../pixels/luma-weights.ts';
import type { PixelMemory } from '../pixels/pixel-memory.ts';
import { maxReduction } from '../pixels/plan-axis.ts';
import type { Size } from '../plan-outputs.ts';
import type { RawPicture } from '../raw-picture.ts';
import { openAv1, type Av1Decoder, type Av1Frame } from './open-av1.ts';

export type DecodedFrame = { picture: RawPicture; delay: number; plays: number };

/** CICP's matrix of planes that are green, blue and red. */
const identityMatrix = 0;

/**
 * The frames of an animated AVIF as RGB or RGBA of eight bits, as stored: neither turned nor converted to sRGB. An opaque frame comes at the `target`
 * size if that is not much smaller, any other at its own. The pixels of a frame may lie in `memory` and are gone with the next one. Throws
 * `corrupt_media`, `unsupported_codec` or `resource_limit`.
 */
export async function* decodeSequence(bytes: Buffer, header: ImageHeader, target: Size, memory: PixelMemory): AsyncGenerator<DecodedFrame> {
  const sequence = readSequence(bytes);
  if (sequence === null) throw new TypeError('Only a sequence has frames.');
  const { frames, transparency, delays, plays, coding } = sequence;
  const mostPixels = header.storedWidth * header.storedHeight;
  const decoders: Av1Decoder[] = [];
  try {
    const colours = await openAv1(mostPixels);
    decoders.push(colours);
    const opacity = transparency === null ? null : await openAv1(mostPixels);
    if (opacity !== null) decoders.push(opacity);
    for (const [index, { offset, length }] of frames.entries()) {
      const frame = { ...colours.decode(bytes.subarray(offset, offset + length)), ...coding };
      assertSize(frame, header);
      const own = transparency?.[index];
      const alpha = own === undefined ? null : (opacity?.decode(bytes.subarray(own.offset, own.offset + own.length)) ?? null);
      if (alpha !== null) assertSize(alpha, header);
      yield { picture: pictureOf(frame, alpha, header, target, memory), delay: delays[index] ?? 0, plays };
    }
  } finally {
    for (const decoder of decoders) decoder.close();
  }
}

function assertSize({ width, height }: Size, { storedWidth, storedHeight }: ImageHeader): void {
  if (width === storedWidth && height === storedHeight) return;
  throw corruptMedia(`it announces ${storedWidth} × ${storedHeight} pixels, but a frame has ${width} × ${height}`);
}

function pictureOf(frame: Av1Frame, alpha: Av1Frame | null, header: ImageHeader, target: Size, memory: PixelMemory): RawPicture {
  const isNear = header.storedWidth <= target.width * maxReduction && header.storedHeight <= target.height * maxReduction;
  const colours = coloursOf(frame, alpha === null && isNear ? target : frame, memory);
  if (alpha === null) return colours;
  const picture = { ...colours, data: withAlpha(colours.data, alpha), channels: 4 as const };
  if (header.isPremultiplied) divideByAlpha(picture.data);
  return picture;
}

function coloursOf(frame: Av1Frame, { width, height }: Size, memory: PixelMemory): RawPicture {
  const [luma, blueness, redness] = bytePlanesOf(frame);
  const { matrix, isFullRange } = frame;
  if (luma !== undefined && blueness !== undefined && redness !== undefined && matrix === identityMatrix && frame.layout === '4:4:4')
    return interleaved([redness, luma, blueness], isFullRange);
  const lumaWeights = lumaWeightsOfMatrix[matrix];
  if (luma === undefined || blueness === undefined || redness === undefined || lumaWeights === undefined)
    throw new SafelightError(
      'unsupported_codec',
      `The colours of this animation are coded in a way that is not read here (${matrix}). Send it as WebP or GIF.`,
    );
  return joinPlanes(memory, { luma, blueness, redness, lumaWeights, isFullRange }, { width, height });
}

/** Eight bits of each sample; a grey frame gets chroma without colour. */
function bytePlanesOf({ planes, depth, width, height }: Av1Frame): Plane[] {
  const narrow = depth === 8 ? planes : planes.map((plane) => ({ ...plane, data: narrowed(plane.data, depth), stride: plane.stride / 2 }));
  if (narrow.length !== 1) return narrow;
  const grey = { data: new Uint8Array(width * height).fill(128), width, height, stride: width };
  return [...narrow, grey, grey];
}

function narrowed(data: Uint8Array, depth: 10 | 12): Uint8Array {
  const wide = new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2);
  const [shift, half] = depth === 10 ? [2, 2] : [4, 8];
  const samples = new Uint8Array(wide.length);
  for (let at = 0; at < wide.length; at++) samples[at] = Math.min(255, ((wide[at] ?? 0) + half) >> shift);
  return samples;
}

/** Samples that use only a part of their range, stretched to all of it. */
const stretched = Uint8Array.from({ length: 256 }, (_, sample) => Math.min(255, Math.max(0, Math.round(((sample - 16) * 255) / 219))));

function interleaved(planes: readonly Plane[], isFullRange: boolean): RawPicture {
  const [{ width, height } = { width: 0, height: 0 }] = planes;
  const data = Buffer.allocUnsafe(width * height * 3);
  for (const [channel, plane] of planes.entries()) {
    for (let row = 0, at = channel; row < height; row++) {
      for (let column = 0, from = row * plane.stride; column < width; column++, at += 3) {
        const sample = plane.data[from + column] ?? 0;
        data[at] = isFullRange ? sample : (stretched[sample] ?? 0);
      }
    }
  }
  return { data, width, height, channels: 3 };
}

const opaque = 255;

function withAlpha(colours: Buffer, alpha: Av1Frame): Buffer {
  const [plane] = bytePlanesOf(alpha);
  const data = Buffer.allocUnsafe((colours.length / 3) * 4);
  for (let row = 0, at = 0, from = 0; row < alpha.height; row++) {
    for (let column = 0; column < alpha.width; column++, at += 4, from += 3) {
      data[at] = colours[from] ?? 0;
      data[at + 1] = colours[from + 1] ?? 0;
      data[at + 2] = colours[from + 2] ?? 0;
      const sample = plane?.data[row * plane.stride + column] ?? opaque;
      data[at + 3] = alpha.isFullRange ? sample : (stretched[sample] ?? 0);
    }
  }
  return data;
}
