import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { checkEngine } from '../../bin/doctor/check-engine.ts';
import { aac, h264, makeClip, picture, recordingCollection, recordingContext, recordingRules, tone, whyNoFfmpeg } from '../../../test/support/recordings.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { openDecoderPool } from '../image/decoder-pool.ts';
import type { FactColumns, RecordingInput } from '../made.ts';
import { withRecording } from '../make-recording.ts';
import type { MadeFile } from '../store-files.ts';
import type { Engine } from './engine.ts';
import { createEngines } from './find-engine.ts';
import { findWasmCore, wasmCommand } from './wasm-command.ts';

const why = findWasmCore() === null ? '@ffmpeg/core is not installed' : whyNoFfmpeg();
const directory = await temporaryDirectory();
const clip = async (name: string, args: string[]): Promise<string> => await makeClip(directory, name, args);

describe.skipIf(why !== null)(`a machine without ffmpeg, with @ffmpeg/core${why === null ? '' : ` (${why})`}`, () => {
  const decoders = openDecoderPool({ size: 1, memoryBudgetBytes: 1e9, deadlineMs: 30_000 });
  const engines = createEngines({ ffmpeg: null, ffprobe: null, sandbox: 'auto', threads: 1 });
  let engine: Engine;
  const before = process.env['PATH'];
  beforeAll(async () => {
    // The program that made the clips is no longer on the path; the sandbox is.
    const bare = path.join(directory, 'bin');
    await mkdir(bare);
    for (const name of ['nice', 'unshare', 'prlimit']) await symlink(`/usr/bin/${name}`, path.join(bare, name));
    for (const [name, args] of sources) await clip(name, args);
    process.env['PATH'] = bare;
    const found = await engines.find();
    if (found.engine === null) throw new Error(found.reason);
    engine = found.engine;
  });
  afterAll(async () => {
    process.env['PATH'] = before;
    await decoders.close();
  });
  const sources: [string, string[]][] = [
    ['phone.mp4', [...picture(3), ...tone(3), ...h264, ...aac, '-shortest']],
    ['other.webm', [...picture(2), ...tone(2), '-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-c:a', 'libopus']],
    ['turned.flac', [...tone(4)]],
    ['long.mp4', [...picture(61, '64x64', 2), ...h264]],
    ['av1.mp4', [...picture(1, '64x64', 5), '-c:v', 'libaom-av1', '-cpu-used', '8', '-row-mt', '1']],
  ];

  type Kept = { columns: FactColumns; files: { role: string; bytes: Buffer }[] };
  const keep = async ({ columns, files }: { columns: FactColumns; files: MadeFile[] }): Promise<Kept> => ({
    columns,
    files: await Promise.all(files.map(async ({ role, content }) => ({ role, bytes: 'bytes' in content ? content.bytes : await readFile(content.path) }))),
  });
  async function make(name: string, more: Partial<RecordingInput> = {}, signal = new AbortController().signal): Promise<Kept> {
    const input = {
      file: path.join(directory, name),
      collection: recordingCollection(),
      rules: recordingRules,
      mimeType: 'video/mp4',
      focalPoint: null,
      digitalSource: null,
      ...more,
    };
    return await withRecording({ ...recordingContext(decoders, signal), site: { ...recordingContext(decoders, signal).site, engines } }, input, keep);
  }
  const tell = (text: string | null | undefined): Record<string, unknown> => JSON.parse(text ?? '{}') as Record<string, unknown>;

  test('reports its features, and when they are used', async () => {
    expect(engine).toMatchObject({ mode: 'wasm', most: { bytes: 64 * 2 ** 20, seconds: 60, because: 'no ffmpeg and no ffprobe on this machine' } });
    expect(engine.decodes.has('h264') && engine.decodes.has('hevc') && engine.decodes.has('vp9')).toBe(true);
    expect(engine.decodes.has('av1')).toBe(false);
    const [first, second] = await checkEngine(
      { engine: { ffmpeg: null, ffprobe: null, sandbox: 'auto', threads: 1, concurrency: null } },
      { signal: new AbortController().signal },
    );
    expect(first).toMatchObject({ result: 'ok', detail: expect.stringMatching(/@ffmpeg\/core.*encoded, remuxed.*playlist refused/) as string });
    expect(second).toMatchObject({ result: 'warning', detail: expect.stringMatching(/60 seconds.*64 MiB.*AV1/) as string });
  });

  test('a clip of a phone is kept as it is and gets all the usual outputs, the same bytes each time', async () => {
    const made = await make('phone.mp4');
    expect(made.files.map(({ role }) => role).toSorted()).toEqual(['poster', 'poster_small', 'preview', 'storyboard', 'stream']);
    expect(tell(made.columns.processing)).toMatchObject({
      mode: 'remux',
      audio: 'copy',
      engine: expect.stringMatching(/^ffmpeg 5\.1\.\d \(WebAssembly\)$/) as string,
    });
    expect(made.columns).toMatchObject({ kind: 'video', width: 320, height: 180 });
    const digests = ({ files }: Kept): string[] => files.map(({ bytes }) => createHash('sha256').update(bytes).digest('hex'));
    expect(digests(await make('phone.mp4'))).toEqual(digests(made));
  });

  test('another codec is encoded in several sizes, and its progress is reported', async () => {
    const told: number[] = [];
    const onProgress = (fraction: number | null): void => void (fraction !== null && told.push(fraction));
    const made = await make('other.webm', { mimeType: 'video/webm', collection: recordingCollection({ video: { hls: 'on' } }), onProgress });
    expect(tell(made.columns.processing)).toMatchObject({ mode: 'encode', audio: 'encode' });
    expect(made.files.map(({ role }) => role)).toContain('hls_audio');
    expect(told).toEqual(told.toSorted((a, b) => a - b));
    expect(told.length).toBeGreaterThan(3);
  });

  test('a sound has its stream, its peaks and its loudness', async () => {
    const made = await make('turned.flac', { mimeType: 'audio/flac' });
    expect(made.files.map(({ role }) => role).toSorted()).toEqual(['preview', 'stream', 'waveform']);
    expect(tell(made.columns.audio)).toMatchObject({ loudness: { integrated: expect.any(Number) as number } });
  });

  test.each<[string, string, Partial<RecordingInput>, RegExp]>([
    ['longer than a minute', 'long.mp4', {}, /at most 60 seconds.*install ffmpeg, then retry/],
    ['larger than 64 MiB', 'large.mp4', {}, /at most 64 MiB.*install ffmpeg, then retry/],
  ])('what is %s is refused, plainly, until there is an ffmpeg', async (_what, name, more, message) => {
    if (name === 'large.mp4') {
      await writeFile(path.join(directory, name), await readFile(path.join(directory, 'phone.mp4')));
      await truncate(path.join(directory, name), 65 * 2 ** 20);
    }
    await expect(make(name, more)).rejects.toMatchObject({
      error: { code: 'resource_limit', retryable: true, message: expect.stringMatching(message) as string },
    });
  });

  test('AV1 is refused by its name', async () => {
    await expect(make('av1.mp4')).rejects.toMatchObject({ code: 'unsupported_codec', message: expect.stringMatching(/cannot decode av1/) as string });
  });

  test('a playlist under the name of a clip is refused, and a cancelled run ends at once', async () => {
    await writeFile(path.join(directory, 'playlist.mp4'), 'ffconcat version 1.0\nfile /etc/passwd\n');
    await expect(make('playlist.mp4')).rejects.toMatchObject({ code: 'corrupt_media' });
    const cancel = new AbortController();
    const reason = new Error('cancelled');
    const began = make(
      'other.webm',
      { mimeType: 'video/webm', onProgress: (fraction) => void ((fraction ?? 0) > 0.06 && cancel.abort(reason)) },
      cancel.signal,
    );
    await expect(began).rejects.toBe(reason);
  });

  test('its process may read and write its directory, and nothing else', async () => {
    const [node = '', ...words] = wasmCommand(engine.ffmpeg, 'ffmpeg', directory);
    const permissions = words.filter((word) => word.startsWith('--permission') || word.startsWith('--allow'));
    const read = async (file: string): Promise<unknown> => await promisify(execFile)(node, [...permissions, '-e', `require('fs').readFileSync('${file}')`]);
    await expect(read('/etc/passwd')).rejects.toThrow(/ERR_ACCESS_DENIED/);
    await expect(read(path.join(directory, 'phone.mp4'))).resolves.toBeDefined();
  });
});
