import sharp from 'sharp';
import { decodePicture } from '../../packages/server/src/processing/image/decode-picture.ts';
import { withPixelMemory } from '../../packages/server/src/processing/image/pixels/pixel-memory.ts';
import type { RawPicture } from '../../packages/server/src/processing/image/raw-picture.ts';
import { readHeader } from '../../packages/server/src/filetypes/read-header.ts';

const window = 8;
const step = 4;

/** The source at full size, upright and in sRGB. */
export async function openReference(source: Buffer): Promise<RawPicture> {
  const header = readHeader(source);
  return await withPixelMemory(async (memory) => {
    const picture = await decodePicture(source, header, header, memory);
    return { ...picture, data: Buffer.from(picture.data) };
  });
}

/** How similar an output is to the source resized in one step with Lanczos 3 and not encoded: SSIM of luma and PSNR of RGB. */
export async function similarity(reference: RawPicture, output: Buffer): Promise<{ ssim: number; psnr: number }> {
  const { data, info } = await sharp(output).removeAlpha().toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const resized = await sharp(reference.data, { raw: reference }).resize(width, height, { fit: 'fill' }).raw().toBuffer();
  return { ssim: ssim(luma(data), luma(resized), width, height), psnr: psnr(data, resized) };
}

function psnr(a: Buffer, b: Buffer): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2;
  return 10 * Math.log10((255 * 255 * a.length) / Math.max(sum, 1e-9));
}

const luma = (rgb: Buffer): Float64Array =>
  Float64Array.from({ length: rgb.length / 3 }, (_, i) => 0.299 * (rgb[3 * i] ?? 0) + 0.587 * (rgb[3 * i + 1] ?? 0) + 0.114 * (rgb[3 * i + 2] ?? 0));

/** Mean structural similarity (Wang et al. 2004) over 8 × 8 windows. */
function ssim(a: Float64Array, b: Float64Array, width: number, height: number): number {
  const [c1, c2] = [(0.01 * 255) ** 2, (0.03 * 255) ** 2];
  let total = 0;
  let windows = 0;
  for (let top = 0; top + window <= height; top += step) {
    for (let left = 0; left + window <= width; left += step) {
      let [sa, sb, saa, sbb, sab] = [0, 0, 0, 0, 0];
      for (let y = top; y < top + window; y++) {
        for (let x = left; x < left + window; x++) {
          const p = a[y * width + x] ?? 0;
          const q = b[y * width + x] ?? 0;
          sa += p;
          sb += q;
          saa += p * p;
          sbb += q * q;
          sab += p * q;
        }
      }
      const n = window * window;
      const [ma, mb] = [sa / n, sb / n];
      const [va, vb, cov] = [saa / n - ma * ma, sbb / n - mb * mb, sab / n - ma * mb];
      total += ((2 * ma * mb + c1) * (2 * cov + c2)) / ((ma * ma + mb * mb + c1) * (va + vb + c2));
      windows++;
    }
  }
  return total / Math.max(1, windows);
}
