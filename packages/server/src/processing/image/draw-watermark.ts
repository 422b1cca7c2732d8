import { readFile } from 'node:fs/promises';
import sharp from 'sharp';

import { SafelightError } from '../../lib/errors.ts';
import { readHeader } from '../../filetypes/read-header.ts';
import type { WatermarkRule } from '../image-rules.ts';
import { checkLimits } from './check-limits.ts';
import { cell, hasPoint } from './letters.ts';
import type { Size } from './plan-outputs.ts';
import { sharpOfRaw, toRawPicture, type RawPicture } from './raw-picture.ts';

/** The share of the picture's width: for a single mark, or for a tiled one. */
const share = { once: 0.6, tiled: 0.35 };
const bytesOfPoint = 4;
const most = { maxPixels: 50_000_000, maxFrames: 1, maxTotalPixels: 50_000_000 };

type Clear = RawPicture & { channels: 4 };
/** The watermark, read once for all outputs. */
export type LoadedWatermark = WatermarkRule & { picture: Clear | null };

export async function loadWatermark(rule: WatermarkRule): Promise<LoadedWatermark> {
  if ('text' in rule.mark) return { ...rule, picture: null };
  const bytes = await readFile(rule.mark.path).catch((cause: unknown) => {
    throw new SafelightError('internal', 'The watermark could not be read on the machine that draws it.', { cause });
  });
  checkLimits(readHeader(bytes), { acceptedTypes: ['image/*'], ...most });
  const picture = await toRawPicture(sharp(bytes, { limitInputPixels: most.maxPixels }).autoOrient().toColourspace('srgb').ensureAlpha());
  return { ...rule, picture: { ...picture, channels: 4 } };
}

/** Draws the watermark over a picture: once in the middle, or tiled, with each row shifted by half a mark. The result is deterministic. */
export async function drawWatermark(picture: RawPicture, watermark: LoadedWatermark): Promise<RawPicture> {
  const mark = await markFor(picture, watermark);
  for (let at = 3; at < mark.data.length; at += bytesOfPoint) mark.data[at] = Math.round((mark.data[at] ?? 0) * watermark.opacity);
  const over = watermark.tile ? tileOf(mark) : mark;
  const [left, top] = watermark.tile ? [0, 0] : [(picture.width - mark.width) >> 1, (picture.height - mark.height) >> 1];
  const fitting = cut(over, picture);
  const drawn = sharpOfRaw(picture).composite([
    {
      input: fitting.data,
      raw: { width: fitting.width, height: fitting.height, channels: 4 },
      left: Math.max(0, left),
      top: Math.max(0, top),
      tile: watermark.tile,
    },
  ]);
  const { data, width, height } = await toRawPicture(drawn);
  return picture.channels === 4 ? { data, width, height, channels: 4 } : withoutAlpha({ data, width, height });
}

async function markFor({ width, height }: Size, { mark, picture, tile }: LoadedWatermark): Promise<Clear> {
  const wanted = Math.max(1, Math.round(width * (tile ? share.tiled : share.once)));
  if (picture === null) return 'text' in mark ? drawText(mark.text, wanted) : { data: Buffer.alloc(4), width: 1, height: 1, channels: 4 };
  const fitted = await toRawPicture(sharpOfRaw(picture).resize({ width: wanted, height, fit: 'inside' }));
  return { ...fitted, channels: 4 };
}

/** White with a dark shadow, so that it shows on any background. */
function drawText(text: string, wanted: number): Clear {
  const letters = Array.from(text);
  const scale = Math.max(1, Math.floor(wanted / (letters.length * cell.width)));
  const [width, height] = [letters.length * cell.width * scale + scale, (cell.height + 1) * scale];
  const data = Buffer.alloc(width * height * bytesOfPoint);
  const shadow = Math.max(1, scale >> 1);
  for (const [colour, shift] of [
    [0, shadow],
    [255, 0],
  ] as const)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const [column, row] = [Math.floor((x - shift) / scale), Math.floor((y - shift) / scale)];
        const letter = letters[Math.floor(column / cell.width)];
        if (column < 0 || letter === undefined || !hasPoint(letter, column % cell.width, row)) continue;
        data.fill(colour, (y * width + x) * bytesOfPoint, (y * width + x) * bytesOfPoint + 3);
        data[(y * width + x) * bytesOfPoint + 3] = 255;
      }
  return { data, width, height, channels: 4 };
}

/** Two rows, with space between them. */
function tileOf(mark: Clear): Clear {
  const [width, height] = [Math.ceil(mark.width * 1.4), mark.height * 4];
  const data = Buffer.alloc(width * height * bytesOfPoint);
  for (const [top, left] of [
    [0, 0],
    [mark.height * 2, width >> 1],
  ] as const)
    for (let y = 0; y < mark.height; y++)
      for (let x = 0; x < mark.width; x++)
        mark.data.copy(
          data,
          ((top + y) * width + ((left + x) % width)) * bytesOfPoint,
          (y * mark.width + x) * bytesOfPoint,
          (y * mark.width + x + 1) * bytesOfPoint,
        );
  return { data, width, height, channels: 4 };
}

/** Cuts it to the size of the picture below. */
function cut(picture: Clear, { width: mostWidth, height: mostHeight }: Size): Clear {
  const [width, height] = [Math.min(picture.width, mostWidth), Math.min(picture.height, mostHeight)];
  if (width === picture.width && height === picture.height) return picture;
  const rows = Array.from({ length: height }, (_, y) => picture.data.subarray(y * picture.width * bytesOfPoint, (y * picture.width + width) * bytesOfPoint));
  return { data: Buffer.concat(rows), width, height, channels: 4 };
}

function withoutAlpha({ data, width, height }: { data: Buffer; width: number; height: number }): RawPicture {
  if (data.length === width * height * 3) return { data, width, height, channels: 3 };
  const plain = Buffer.alloc(width * height * 3);
  for (let from = 0, to = 0; to < plain.length; from += bytesOfPoint, to += 3) data.copy(plain, to, from, from + 3);
  return { data: plain, width, height, channels: 3 };
}
