// Makes the README's strip of a photo's variants: uploads it to a new product, and puts the outputs side by side, each in its proportions.
//   node --conditions=safelight-source scripts/variant-strip.ts
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import sharp from 'sharp';

import { renderPhoto, samplePhotos } from '../apps/console/test/sample-photos.ts';
import { createClient } from '../packages/client/src/index.ts';
import { startProduct } from '../packages/server/test/support/product.ts';

const target = resolve(import.meta.dirname, '../docs/images/variants.webp');
const gap = 24;
const label = 64;
/** Of the pixels of the outputs, because the largest would fill the page. */
const scale = 0.3;

const dataDir = await mkdtemp(resolve(tmpdir(), 'safelight-strip-'));
const product = await startProduct('start', { dataDir });
try {
  const [sample] = samplePhotos;
  if (!sample) throw new Error('There is no sample photo.');
  const client = createClient({ baseURL: product.url, token: product.token });
  const photo = new File([new Uint8Array(await renderPhoto(sample))], sample.name, { type: 'image/jpeg' });
  const { media } = await client.upload(photo, { collection: 'listing.photos', entityType: 'listing', entityId: '9f3' }).result;
  const outputs = Object.entries(media.variants)
    .map(([role, { src, width, height, byteSize }]) => ({ role, url: src, width: width ?? 0, height: height ?? 0, byteSize }))
    .toSorted((a, b) => b.width - a.width);
  const pictures = await Promise.all(
    outputs.map(async ({ role, url, width, height, byteSize }) => {
      const size = { width: Math.round(width * scale), height: Math.round(height * scale) };
      const bytes = Buffer.from(await (await fetch(url)).arrayBuffer());
      const input = await sharp(bytes).resize(size.width, size.height).png().toBuffer();
      return { input, ...size, lines: [role, `${width} × ${height}`, `${Math.round(byteSize / 1024)} KB`] };
    }),
  );
  const height = Math.max(...pictures.map((picture) => picture.height)) + label + 2 * gap;
  let left = gap;
  const layers = pictures.flatMap((picture) => {
    const at = { left, top: height - gap - label - picture.height };
    left += Math.max(picture.width, 110) + gap;
    return [
      { input: picture.input, ...at },
      { input: Buffer.from(words(picture.lines)), left: at.left, top: height - gap - label + 8 },
    ];
  });
  await sharp({ create: { width: left, height, channels: 3, background: '#1b1b1f' } })
    .composite(layers)
    .webp({ quality: 86 })
    .toFile(target);
  console.log(target);
} finally {
  await product.stop();
  await rm(dataDir, { recursive: true, force: true });
}

function words(lines: readonly string[]): string {
  const texts = lines.map((line, index) => `<text x="0" y="${16 + index * 18}" fill="${index === 0 ? '#f4f4f8' : '#a5a5b0'}">${line}</text>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="130" height="${label}" font-family="sans-serif" font-size="14">${texts.join('')}</svg>`;
}
