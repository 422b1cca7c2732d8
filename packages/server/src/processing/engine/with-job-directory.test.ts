import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { expect, onTestFinished, test, vi } from 'vitest';

import { withJobDirectory } from './with-job-directory.ts';

test('a temporary directory that is not there is said to be away, and the job after it was made succeeds and leaves nothing', async () => {
  const place = await mkdtemp(path.join(tmpdir(), 'safelight-job-directory-'));
  onTestFinished(async () => await rm(place, { recursive: true, force: true }));
  const source = path.join(place, 'source');
  await writeFile(source, 'a recording');
  const temporary = path.join(place, 'temporary');
  vi.stubEnv('TMPDIR', temporary);
  onTestFinished(() => void vi.unstubAllEnvs());

  const seen = async (directory: string): Promise<string[]> => await readdir(directory);
  await expect(withJobDirectory(source, seen)).rejects.toMatchObject({ code: 'storage_unavailable', retryable: true });
  await mkdir(temporary);
  await expect(withJobDirectory(source, seen)).resolves.toEqual(['in']);
  expect(await readdir(temporary)).toEqual([]);
});

test('a job keeps its directory when another one cannot make its own, and a third one can', async () => {
  const place = await mkdtemp(path.join(tmpdir(), 'safelight-job-directory-'));
  onTestFinished(async () => await rm(place, { recursive: true, force: true }));
  onTestFinished(() => void vi.unstubAllEnvs());
  const source = path.join(place, 'source');
  await writeFile(source, 'a recording');
  vi.stubEnv('TMPDIR', place);

  const seen = async (directory: string): Promise<string[]> => await readdir(directory);
  const kept = await withJobDirectory(source, async (directory) => {
    vi.stubEnv('TMPDIR', path.join(place, 'missing'));
    await expect(withJobDirectory(source, seen)).rejects.toMatchObject({ code: 'storage_unavailable' });
    vi.stubEnv('TMPDIR', place);
    await withJobDirectory(source, seen);
    return await seen(directory);
  });
  expect(kept).toEqual(['in']);
});
