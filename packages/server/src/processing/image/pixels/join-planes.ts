import type { Size } from '../plan-outputs.ts';
import type { RawPicture } from '../raw-picture.ts';
import { makeRoom, workIn, type PixelMemory } from './pixel-memory.ts';
import { unit } from './plan-axis.ts';
import { rowResizer, workBytesFor } from './resize-pixels.ts';

/** One plane of bytes from a decoder; rows may be padded. */
export type Plane = Size & { data: Uint8Array; stride: number };

/** A picture as video codecs store it: luma, and two chroma planes, mostly with sides half as long. */
export type Planes = { luma: Plane; blueness: Plane; redness: Plane; lumaWeights: LumaWeights; isFullRange: boolean };

/** The weights of red and blue in luma; green is the rest. */
export type LumaWeights = { red: number; blue: number };

const bytesOf = ({ stride, height }: Plane): number => stride * height;

/**
 * Converts planes to RGB of the given size. Each plane is resized by itself, chroma directly from its own size, and only the remaining pixels are
 * converted to RGB: that halves the samples to resize and avoids converting at full size.
 */
export function joinPlanes(memory: PixelMemory, planes: Planes, target: Size): RawPicture {
  const { luma, blueness, redness } = planes;
  const all = [luma, blueness, redness];
  const pictureBytes = Math.max(
    all.reduce((sum, plane) => sum + bytesOf(plane), 0),
    target.width * target.height * 3,
  );
  const widest = { width: Math.max(luma.width, target.width), height: Math.max(luma.height, target.height) };
  const room = makeRoom(memory, pictureBytes, 3 * workBytesFor(widest));
  const work = workIn(room);

  let at = room.halfBytes;
  const strips = all.map((plane) => {
    const source = { ...plane, at, channels: 1 as const };
    new Uint8Array(room.bytes, at, plane.data.length).set(plane.data);
    at += bytesOf(plane);
    return { rowsOf: rowResizer(room, source, target, work), at: work.take(8 * target.width) };
  });
  const [light, blue, red] = strips;
  if (light === undefined || blue === undefined || red === undefined) throw new Error('There are three planes.');

  const factors = factorsOf(planes);
  for (let row = 0; row < target.height; row += 8) {
    for (const strip of strips) strip.rowsOf(row, strip.at);
    const count = Math.min(8, target.height - row) * target.width;
    room.kernels.joinPlanes(light.at, blue.at, red.at, count, row * target.width * 3, ...factors);
  }
  return { data: Buffer.from(room.bytes, 0, target.width * target.height * 3), ...target, channels: 3 };
}

type Factors = [black: number, forLuma: number, redOfRedness: number, greenOfRedness: number, greenOfBlueness: number, blueOfBlueness: number];

/** The same for ITU-R BT.601, 709 and 2020: computed from the luma weights and the sample range. */
function factorsOf({ lumaWeights: { red, blue }, isFullRange }: Planes): Factors {
  const green = 1 - red - blue;
  const [forLuma, forColour] = isFullRange ? [1, 1] : [255 / 219, 255 / 224];
  const quarter = (factor: number): number => Math.round((factor * forColour * unit) / 4);
  return [
    isFullRange ? 0 : 16,
    Math.round((forLuma * unit) / 2),
    quarter(2 * (1 - red)),
    quarter((-2 * red * (1 - red)) / green),
    quarter((-2 * blue * (1 - blue)) / green),
    quarter(2 * (1 - blue)),
  ];
}
