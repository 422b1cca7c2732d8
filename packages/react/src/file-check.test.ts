import { createClient } from '@safelight/client';
import sharp from 'sharp';
import { expect, test } from 'vitest';

import { answer, rulesOf, startServer } from '../../client/test/protocol-server.ts';
import { createFileCheck } from './file-check.ts';

async function photo(width: number, height: number): Promise<File> {
  const bytes = await sharp({ create: { width, height, channels: 3, background: '#4a6fa5' } })
    .jpeg()
    .toBuffer();
  return new File([new Uint8Array(bytes)], 'photo.jpg', { type: 'image/jpeg' });
}
const rules = rulesOf({ minWidth: 100, minHeight: 100, maxBytes: 50_000 });
const to = { collection: rules.collection };

/** A check on a server that has these rules. */
async function checkOn(): Promise<{ fileCheck: ReturnType<typeof createFileCheck>; requests: string[] }> {
  const { baseURL, requests } = await startServer((_, response) => answer(response, 200, { rules }));
  return { fileCheck: createFileCheck(createClient({ baseURL })), requests };
}

test('a file is checked by its type, its size, and the pixels of the picture, and the files of a batch read the rules once', async () => {
  const { fileCheck, requests } = await checkOn();
  const codes = async (files: readonly File[]): Promise<unknown[]> =>
    await Promise.all(files.map(async (file) => (await fileCheck.check(file, to))?.code ?? null));
  const files = [
    await photo(200, 150),
    await photo(200, 99),
    new File(['hello'], 'note.txt', { type: 'text/plain' }),
    new File([new Uint8Array(50_001)], 'large.jpg', { type: 'image/jpeg' }),
  ];
  expect(await codes(files)).toEqual([null, 'too_small', 'unsupported_type', 'file_too_large']);
  expect(requests).toEqual([`GET /v1/meta/media-rules?collection=${rules.collection}`]);
});

test('a file that is named by its address is checked by what is known of it', async () => {
  const { fileCheck } = await checkOn();
  expect(await fileCheck.check({ uri: 'file:///photo.jpg', type: 'image/jpeg' }, to)).toBeNull();
  expect(await fileCheck.check({ uri: 'file:///note.txt', type: 'text/plain' }, to)).toMatchObject({ code: 'unsupported_type' });
});

test('rules that the page knows are used at once, and until they are taken back', async () => {
  const { fileCheck, requests } = await checkOn();
  fileCheck.learn([{ ...rules, minWidth: 10, minHeight: 10 }]);
  const small = await photo(50, 50);
  expect(await fileCheck.check(small, to)).toBeNull();
  expect(requests).toEqual([]);
  fileCheck.learn([]);
  expect(await fileCheck.check(small, to)).toMatchObject({ code: 'too_small' });
});

test('a file that the server cannot process is refused in a sentence, which says why', async () => {
  const { fileCheck } = await checkOn();
  fileCheck.learn([{ ...rules, acceptedTypes: ['video/mp4'], unavailableTypes: [{ type: 'video/mp4', reason: 'no ffmpeg on this machine' }] }]);
  const film = new File(['film'], 'film.mp4', { type: 'video/mp4' });
  expect(await fileCheck.check(film, to)).toEqual({ code: 'unsupported_codec', detail: 'MP4 files cannot be processed here: no ffmpeg on this machine.' });
});
