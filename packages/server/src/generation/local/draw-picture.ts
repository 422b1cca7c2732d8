import { createHash } from 'node:crypto';
import { setImmediate as immediate } from 'node:timers/promises';

import type { GenerationRequest } from '../generator.ts';
import { drawText, type Canvas } from './draw-text.ts';

/** Says in the picture itself what it is. */
const notice = 'LOCAL – not AI';
/** The longer side in pixels, by default. */
const usualSide = 1024;

/** A PNG determined by the prompt, the seed and the index alone. */
export async function drawPicture(request: Pick<GenerationRequest, 'prompt' | 'seed' | 'index' | 'size' | 'aspectRatio'>): Promise<Buffer> {
  const { width, height } = sizeOf(request);
  const canvas = { pixels: Buffer.alloc(width * height * 3), width, height };
  const digest = createHash('sha256')
    .update(JSON.stringify([request.prompt, request.seed ?? 0, request.index]))
    .digest();
  await paint(canvas, digest);
  drawText(canvas, notice);
  // Loaded by the first picture only: it takes 12 MB of memory, and servers never draw one.
  const { default: sharp } = await import('sharp');
  return await sharp(canvas.pixels, { raw: { width, height, channels: 3 } })
    .png({ compressionLevel: 6 })
    .toBuffer();
}

function sizeOf({ size, aspectRatio }: { size?: string; aspectRatio?: string }): { width: number; height: number } {
  if (aspectRatio === undefined) {
    const [width = usualSide, height = usualSide] = size?.split('x').map(Number) ?? [];
    return { width, height };
  }
  const [across = 1, down = 1] = aspectRatio.split(':').map(Number);
  return across >= down
    ? { width: usualSide, height: Math.round((usualSide * down) / across) }
    : { width: Math.round((usualSide * across) / down), height: usualSide };
}

const rowsAtOnce = 64;

/** A gradient of two colours with rings of a third. */
async function paint({ pixels, width, height }: Canvas, digest: Buffer): Promise<void> {
  const at = (index: number): number => digest[index] ?? 0;
  const [x0, y0] = [(at(9) / 255) * width, (at(10) / 255) * height];
  const ring = 8 + (at(11) / 255) * 48;
  for (let y = 0, offset = 0; y < height; y++) {
    // Lets other requests run between the rows.
    if (y % rowsAtOnce === 0) await immediate();
    for (let x = 0; x < width; x++, offset += 3) {
      const share = (x / width + y / height) / 2;
      const isRing = Math.floor(Math.hypot(x - x0, y - y0) / ring) % 3 === 0;
      for (let channel = 0; channel < 3; channel++) {
        const plain = at(channel) * (1 - share) + at(channel + 3) * share;
        pixels[offset + channel] = isRing ? (plain + at(channel + 6)) / 2 : plain;
      }
    }
  }
}
