import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { Orientation } from '../../../filetypes/headers/image-header.ts';
import { turnPixels } from './turn-pixels.ts';

const orientations: Orientation[] = [1, 2, 3, 4, 5, 6, 7, 8];

test.each(orientations)('EXIF orientation %i puts every pixel where libvips puts it', async (orientation) => {
  for (const channels of [3, 4] as const) {
    for (const [width, height] of [
      [37, 21],
      [16, 32],
      [1, 5],
    ] as const) {
      const data = Buffer.from(Uint8Array.from({ length: width * height * channels }, (_, i) => (i * 7919) >> 3));
      const tagged = await sharp(data, { raw: { width, height, channels } }).withMetadata({ orientation }).png().toBuffer();
      const upright = await sharp(tagged).autoOrient().raw().toBuffer({ resolveWithObject: true });
      const turned = turnPixels({ room: null }, { data, width, height, channels }, orientation);
      expect([turned.width, turned.height]).toEqual([upright.info.width, upright.info.height]);
      expect(turned.data.equals(upright.data)).toBe(true);
    }
  }
});
