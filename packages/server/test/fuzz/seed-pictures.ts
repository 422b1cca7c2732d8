import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import sharp from 'sharp';
import { animatedAvif } from '../support/animated-avif.ts';
import { photoLike } from '../support/pictures.ts';

export type SeedPicture = { name: string; bytes: Buffer };

const fixtures = new URL('../fixtures/images/', import.meta.url);
const corpus = new URL('../../../../../shared/corpus/images/', import.meta.url);
/** Large files only make the same bugs slower to find. */
const maxCorpusBytes = 200_000;

/** Intact pictures of every supported format, to be damaged; with the corpus beside the repository also real ones. */
export async function seedPictures(): Promise<SeedPicture[]> {
  const photo = await photoLike(240, 160);
  const picture = () => sharp(photo.data, { raw: photo });
  const frames = await Promise.all([0, 20, 40, 60].map((left) => picture().extract({ left, top: left, width: 100, height: 80 }).png().toBuffer()));
  const animation = () => sharp(frames, { join: { animated: true } });
  const made = {
    'baseline.jpg': picture().jpeg(),
    'progressive-p3-exif.jpg': picture().withIccProfile('p3').withMetadata({ orientation: 6 }).jpeg({ progressive: true }),
    'cmyk.jpg': picture().toColourspace('cmyk').jpeg(),
    'rgb.png': picture().png(),
    'interlaced-p3.png': picture().withIccProfile('p3').png({ progressive: true }),
    'palette-alpha.png': picture().ensureAlpha(0.5).png({ palette: true }),
    'deep.png': picture().toColourspace('rgb16').png(),
    'lossy-alpha.webp': picture().ensureAlpha(0.5).webp(),
    'lossless.webp': picture().webp({ lossless: true }),
    'animated.webp': animation().webp(),
    'animated.gif': animation().gif(),
    'still.avif': picture().avif({ effort: 0 }),
    'deep-alpha.avif': picture().ensureAlpha(0.5).avif({ effort: 0, bitdepth: 10 }),
    'deflated.tiff': picture().tiff({ compression: 'deflate' }),
    'tiled.tiff': picture().tiff({ tile: true, compression: 'lzw' }),
  };
  const seeds: SeedPicture[] = await Promise.all(Object.entries(made).map(async ([name, pipeline]) => ({ name, bytes: await pipeline.toBuffer() })));
  const [still, clear] = await Promise.all([picture().avif({ effort: 0 }).toBuffer(), picture().ensureAlpha(0.5).avif({ effort: 0 }).toBuffer()]);
  seeds.push(
    { name: 'animated.avif', bytes: animatedAvif([still, still], { still }) },
    { name: 'animated-alpha.avif', bytes: animatedAvif([clear, clear, clear]) },
  );
  const files = (await readdir(fixtures)).filter((name) => !name.endsWith('.md')).map((name) => new URL(name, fixtures));
  if (existsSync(corpus)) files.push(...(await readdir(corpus)).toSorted().map((name) => new URL(name, corpus)));
  for (const file of files) {
    const bytes = await readFile(file);
    if (bytes.length <= maxCorpusBytes && !file.pathname.endsWith('.svg')) seeds.push({ name: file.pathname.split('/').at(-1) ?? '', bytes });
  }
  return seeds;
}
