import { crc32 } from 'node:zlib';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import sharp from 'sharp';

import { photoLike, quadrants } from '../../support/pictures.ts';

const own = (name: string): Promise<Buffer> => readFile(path.resolve(import.meta.dirname, '../../fixtures/images', name));
/** Real photographs, which are beside the repository on some machines. */
const corpus = path.resolve(import.meta.dirname, '../../../../../../shared/corpus');

export const iphonePhoto = path.join(corpus, 'images/heic_iphone_grid_12mp_gps.heic');
export const withoutCorpus = existsSync(corpus) ? null : 'there is no ../shared/corpus beside the repository';
export const hostileNames = path.join(corpus, 'hostile/filenames.json');

/** A picture like one of a phone: stored sideways with an orientation, with place, camera and owner in its metadata. */
export async function phonePhoto(width = 1600, height = 1200): Promise<Buffer> {
  const { data, ...info } = await photoLike(width, height);
  return await sharp(data, { raw: info })
    .withExif({
      IFD0: { Make: 'Acme', Model: 'Phone 9', Artist: 'Ada Lovelace' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1', GPSLongitudeRef: 'W', GPSLongitude: '0/1 7/1 0/1' },
    })
    .withMetadata({ orientation: 6 })
    .jpeg({ quality: 82 })
    .toBuffer();
}

let shade = 0;
/** A small picture, different at each call, so that no test passes by mixing two of them up. */
export async function smallPicture(format: 'jpeg' | 'png' | 'webp' | 'gif' = 'jpeg', width = 240, height = 160): Promise<Buffer> {
  shade += 1;
  return await sharp({ create: { width, height, channels: 3, background: { r: shade % 256, g: (shade * 7) % 256, b: (shade * 31) % 256 } } })
    .toFormat(format)
    .toBuffer();
}

export const jpeg = async (): Promise<{ bytes: Buffer; name: string; type: string }> => ({
  bytes: await smallPicture('jpeg'),
  name: 'photo.jpg',
  type: 'image/jpeg',
});
export const heic = async (): Promise<{ bytes: Buffer; name: string; type: string }> => ({
  bytes: await own('quadrants.heic'),
  name: 'IMG_0001.HEIC',
  type: 'image/heic',
});
export const quadrantsJpeg = async (): Promise<Buffer> => await quadrants().jpeg().toBuffer();

/** The header says 20000 × 20000; the file is tiny. */
export function pixelBomb(): Buffer {
  const side = Buffer.alloc(4);
  side.writeUInt32BE(20_000);
  const header = Buffer.concat([Buffer.from('IHDR'), side, side, Buffer.from([8, 2, 0, 0, 0])]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(13);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(header));
  return Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), length, header, sum, Buffer.from('\0\0\0\0IEND\xae\x42\x60\x82', 'latin1')]);
}
