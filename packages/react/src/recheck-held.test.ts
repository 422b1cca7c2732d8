import { createStore, untouched, type RuleViolation, type UploadResult, type UploadSnapshot, type UploadTask } from '@safelight/client';
import { expect, test } from 'vitest';

import { recheckHeld } from './recheck-held.ts';
import { createUploads } from './uploads.ts';

const never: UploadTask = {
  subscribe: () => () => undefined,
  getSnapshot: () => ({ ...untouched, state: 'uploading' }),
  result: new Promise(() => undefined),
  abort: () => undefined,
  pause: () => undefined,
  resume: () => undefined,
};

test('held files are checked again: allowed ones are uploaded, and those refused for another reason say so', async () => {
  let most = 1;
  const check = async (source: { size?: number }): Promise<RuleViolation | null> =>
    (source.size ?? 0) > most ? { code: 'file_too_large', detail: `At most ${most} bytes.` } : null;
  const uploads = createUploads({ start: () => never, check: async (source) => await check(source as Blob) });
  uploads.add([new File(['two'], 'three.jpg'), new File(['several'], 'seven.jpg')]);
  const files = () => uploads.getSnapshot().files.map(({ name, state, advice }) => [name, state, state === 'held' ? advice?.detail : null]);
  await expect.poll(files).toEqual([
    ['three.jpg', 'held', 'At most 1 bytes.'],
    ['seven.jpg', 'held', 'At most 1 bytes.'],
  ]);
  most = 5;
  await recheckHeld(uploads, async (source) => await check(source as Blob));
  await expect.poll(files).toEqual([
    ['three.jpg', 'uploading', null],
    ['seven.jpg', 'held', 'At most 5 bytes.'],
  ]);
});

test('a promise for a held file resolves when the file is accepted after all, under the same id', async () => {
  const start = (): UploadTask => ({ ...never, ...createStore<UploadSnapshot>({ ...untouched, state: 'done', progress: 1 }), result: Promise.resolve(result) });
  const result = { url: '/a', path: 'a', media: {} } as unknown as UploadResult;
  const refusal: RuleViolation = { code: 'file_too_large', detail: 'At most 1 byte.' };
  const uploads = createUploads({ start, check: async () => await Promise.resolve(refusal) });
  const given = uploads.upload(new File(['two'], 'three.jpg'));
  await expect.poll(() => uploads.getSnapshot().files[0]?.state).toBe('held');
  const held = uploads.getSnapshot().files[0];
  await recheckHeld(uploads, async () => await Promise.resolve({ ...refusal, detail: 'At most 2 bytes.' }));
  expect(uploads.getSnapshot().files[0]).toMatchObject({ id: held?.id, state: 'held', advice: { detail: 'At most 2 bytes.' } });
  await recheckHeld(uploads, async () => await Promise.resolve(null));
  expect(await given).toBe(result);
  expect(uploads.getSnapshot().files[0]).toMatchObject({ id: held?.id, state: 'done', advice: null });
});
