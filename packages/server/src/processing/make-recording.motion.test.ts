import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';

import { describe, expect, test } from 'vitest';

import {
  aac,
  engines,
  h264,
  makeClip,
  picture,
  recordingCollection,
  recordingContext,
  recordingRules,
  tone,
  turnClip,
  whyNoFfmpeg,
} from '../../test/support/recordings.ts';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { testDecoders } from '../../test/support/test-decoders.ts';
import type { CollectionConfig } from '../policy/collection.ts';
import { readRecording } from './engine/read-recording.ts';
import type { FactColumns, RecordingInput } from './made.ts';
import { withRecording } from './make-recording.ts';
import type { MadeFile } from './store-files.ts';

const decoders = testDecoders();
const directory = await temporaryDirectory();
const why = whyNoFfmpeg();

type Kept = { columns: FactColumns; files: (Omit<MadeFile, 'content'> & { bytes: Buffer })[] };

const keep = async ({ columns, files }: { columns: FactColumns; files: MadeFile[] }): Promise<Kept> => ({
  columns,
  files: await Promise.all(files.map(async ({ content, ...file }) => ({ ...file, bytes: 'bytes' in content ? content.bytes : await readFile(content.path) }))),
});

async function make(file: string, more: Partial<RecordingInput> = {}, ctx = recordingContext(decoders)): Promise<Kept> {
  const input = { file, collection: recordingCollection(), rules: recordingRules, mimeType: 'video/mp4', focalPoint: null, digitalSource: null, ...more };
  return await withRecording(ctx, input, keep);
}

const roles = ({ files }: Kept): string[] => files.map(({ role }) => role).toSorted();
const processingOf = ({ columns }: Kept): Record<string, unknown> => JSON.parse(columns.processing ?? '{}') as Record<string, unknown>;
const fileOf = ({ files }: Kept, role: string) => files.find((file) => file.role === role);

async function reread(made: Kept, role: string) {
  const { engine } = await engines.find();
  if (engine === null) throw new Error('there is no engine');
  const name = `again-${Math.random().toString(36).slice(2)}`;
  await writeFile(path.join(directory, name), fileOf(made, role)?.bytes ?? Buffer.alloc(0));
  return await readRecording(engine, { directory, name, demuxer: 'mov', signal: new AbortController().signal });
}

describe.skipIf(why !== null)(`recordings through ffmpeg${why === null ? '' : ` (${why})`}`, () => {
  test('a generated clip says so in every public file, and still says so when it is uploaded again', async () => {
    const file = await makeClip(directory, 'plain-made.mp4', [...picture(2), ...h264]);
    const made = await make(file, { digitalSource: 'trainedAlgorithmicMedia' });
    const term = 'http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia';
    for (const { bytes, role } of made.files) expect(bytes.includes(term), role).toBe(true);
    const { video } = await reread(made, 'stream');
    expect(video?.codec).toBe('h264');
    // Like somebody who has downloaded it and uploads it again.
    const sent = path.join(directory, 'sent-anew.mp4');
    await writeFile(sent, fileOf(made, 'stream')?.bytes ?? Buffer.alloc(0));
    const again = await make(sent);
    expect(again.columns.digital_source).toBe('trainedAlgorithmicMedia');
    for (const { bytes, role } of again.files) expect(bytes.includes(term), role).toBe(true);
    const read = await promisify(execFile)('exiftool', ['-s3', '-XMP-iptcExt:DigitalSourceType', '-n', sent]).catch(() => null);
    if (read !== null) expect(read.stdout.trim()).toBe(term);
    expect((await make(file)).columns.digital_source).toBeNull();
  });

  test('an everyday clip is remuxed: poster, stream and preview, verified, with its timings in the record', async () => {
    const file = await makeClip(directory, 'plain.mp4', [...picture(2), ...tone(2), ...h264, ...aac, '-shortest']);
    const made = await make(file);
    expect(roles(made)).toEqual(['poster', 'poster_small', 'preview', 'storyboard', 'stream']);
    expect(processingOf(made)).toMatchObject({ mode: 'remux', audio: 'copy', reencodeReasons: [] });
    expect(made.columns).toMatchObject({ kind: 'video', width: 320, height: 180 });
    expect(made.columns.duration_ms).toBeGreaterThan(1900);
    expect(JSON.parse(made.columns.video ?? '')).toMatchObject({ codec: 'h264', fps: 30, vfr: false, rotation: 0, hdr: 'none' });
    expect(JSON.parse(made.columns.audio ?? '')).toMatchObject({ codec: 'aac', channels: 2, sampleRate: 48_000 });
    expect(made.columns.blur_data_url).toMatch(/^data:image\/webp/);
    const preview = await reread(made, 'preview');
    expect(preview.audio).toBeNull();
  });

  test('another codec is encoded, rotated pixels are rotated, and the record says why', async () => {
    const plain = await makeClip(directory, 'vp9.webm', [...picture(1), '-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8']);
    const encoded = await make(plain, { mimeType: 'video/webm' });
    expect(processingOf(encoded)).toMatchObject({ mode: 'encode', audio: 'none', reencodeReasons: expect.arrayContaining(['codec']) as string[] });

    const upright = await makeClip(directory, 'upright.mp4', [...picture(1), ...h264]);
    const turned = await turnClip(upright, path.join(directory, 'turned.mp4'));
    const made = await make(turned);
    expect(processingOf(made)).toMatchObject({ mode: 'encode', reencodeReasons: ['rotation'] });
    expect(made.columns).toMatchObject({ width: 180, height: 320 });
    expect(fileOf(made, 'stream')).toMatchObject({ width: 180, height: 320 });
    expect((await reread(made, 'stream')).video).toMatchObject({ isTurned: false });
  });

  test.each<[string, string[], Partial<CollectionConfig['video']>, string]>([
    ['of few keyframes and few bytes stays, since encoding makes it no smaller', ['-crf', '45', '-g', '999'], {}, 'remux'],
    ['of few keyframes and many bytes is encoded', ['-crf', '2', '-g', '999'], {}, 'encode: keyframes'],
    ['over the bitrate is encoded where that makes it smaller', ['-crf', '2'], { remuxMaxBitrate: 100_000 }, 'encode: bitrate'],
    ['over the bitrate stays where encoding makes it no smaller', ['-crf', '20'], { remuxMaxBitrate: 100_000, crf: 15, preset: 'ultrafast' }, 'remux'],
    ['that is turned is encoded, however large it comes out', ['-crf', '45', '-g', '999'], {}, 'encode: rotation, keyframes'],
  ])('an encode larger than a source that may stay is dropped for the remux: a clip %s', async (what, codec, rules, expected) => {
    const plain = await makeClip(directory, `${what}-plain.mp4`, [...picture(11, '320x180', 15), ...h264, ...codec]);
    const isTurned = expected.includes('rotation');
    const file = isTurned ? await turnClip(plain, path.join(directory, `${what}.mp4`)) : plain;
    const made = await make(file, { collection: recordingCollection({ video: rules }) });
    const { mode, reencodeReasons } = processingOf(made) as { mode: string; reencodeReasons: string[] };
    expect([mode, reencodeReasons.join(', ')].filter((word) => word !== '').join(': ')).toBe(expected);
    const stream = fileOf(made, 'stream')?.bytes.length ?? 0;
    if (!isTurned) expect(stream).toBeLessThanOrEqual((await readFile(file)).length * 1.02);
  });

  test('the same bytes twice make the same bytes', async () => {
    const file = await makeClip(directory, 'twice.mp4', [...picture(1, '640x360', 61), ...tone(1), ...h264, '-c:a', 'ac3']);
    const collection = recordingCollection({ video: { hls: 'on' } });
    const digests = async (): Promise<[string, string][]> =>
      (await make(file, { collection })).files.map(({ role, bytes }) => [role, createHash('sha256').update(bytes).digest('hex')]);
    const first = await digests();
    expect(first.map(([role]) => role).toSorted()).toEqual(['hls_360', 'hls_audio', 'poster', 'poster_small', 'preview', 'storyboard', 'stream']);
    expect(await digests()).toEqual(first);
  });

  test.each([
    ['kept', h264],
    ['encoded', [...h264, '-pix_fmt', 'yuv444p']],
  ])('what is made beside a stream that is %s, in one process, is byte for byte what is made alone', async (how, codec) => {
    const file = await makeClip(directory, `beside-${how}.mp4`, [...picture(8), ...tone(8), ...codec, ...aac, '-shortest']);
    const [together, alone] = [await make(file), await make(file, { without: new Set(['stream']) })];
    expect(roles(alone)).not.toContain('stream');
    for (const role of ['preview', 'storyboard']) expect(fileOf(together, role)?.bytes.equals(fileOf(alone, role)?.bytes ?? Buffer.alloc(0)), role).toBe(true);
  });

  test('progress follows the real work of the engine: it only grows, and is silent while only small outputs are left', async () => {
    const file = await makeClip(directory, 'progress.mp4', [...picture(16, '960x540'), ...h264, '-pix_fmt', 'yuv444p']);
    const told: (number | null)[] = [];
    await make(file, { onProgress: (fraction) => void told.push(fraction) });
    expect(told.at(-1)).toBeNull();
    const shares = told.filter((fraction) => fraction !== null);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(new Set(shares.filter((fraction) => fraction > 0.06 && fraction < 0.95)).size, shares.join(', ')).toBeGreaterThan(2);
  });

  test('hidden data in a clip is in none of its outputs', async () => {
    const words = ['GPS-CANARY', 'CHAPTER-CANARY', 'TITLE-CANARY', '086f3693-b7b3-4f2c-9653-21492feee5b8'];
    const chapters = path.join(directory, 'chapters.txt');
    await writeFile(chapters, ';FFMETADATA1\ntitle=TITLE-CANARY\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=500\ntitle=CHAPTER-CANARY\n');
    const clip = await makeClip(directory, 'canary.mp4', [
      ...picture(1),
      '-i',
      chapters,
      '-map_metadata',
      '1',
      '-metadata',
      'location=GPS-CANARY',
      '-metadata:s:v',
      'handler_name=TITLE-CANARY',
      ...h264,
      '-movflags',
      'use_metadata_tags',
      '-bsf:v',
      'h264_metadata=sei_user_data=086f3693-b7b3-4f2c-9653-21492feee5b8+SEI-CANARY',
    ]);
    const source = (await readFile(clip)).toString('latin1');
    expect(source).toContain('SEI-CANARY');
    expect(source).toContain('GPS-CANARY');
    const made = await make(clip);
    expect(processingOf(made)).toMatchObject({ mode: 'remux' });
    for (const { bytes } of made.files) for (const word of [...words, 'SEI-CANARY']) expect(bytes.includes(word)).toBe(false);
  });

  test('frames that an edit list removed are not in the stream', async () => {
    const long = await makeClip(directory, 'long.mp4', [...picture(3), ...h264]);
    const cut = await makeClip(directory, 'cut.mp4', ['-ss', '1.5', '-i', long, '-c', 'copy']);
    const made = await make(cut);
    expect(processingOf(made)).toMatchObject({ mode: 'encode', reencodeReasons: ['edit_list'] });
    expect((await reread(made, 'stream')).videoScan).toMatchObject({ dropped: 0 });
  });

  test('a recording with only sound gets stream, preview, peaks and loudness, whatever its container claims', async () => {
    const file = await makeClip(directory, 'tone.mp4', [...tone(2), '-c:a', 'flac', '-strict', '-2']);
    const made = await make(file);
    expect(roles(made)).toEqual(['preview', 'stream', 'waveform']);
    expect(made.columns).toMatchObject({ kind: 'audio' });
    const waveform = JSON.parse(fileOf(made, 'waveform')?.bytes.toString() ?? '') as { version: number; bits: number; length: number; data: number[] };
    expect(waveform).toMatchObject({ version: 2, bits: 8, channels: 1, length: 40 });
    expect(waveform.data).toHaveLength(80);
    expect(Math.max(...waveform.data)).toBeGreaterThan(10);
    const facts = JSON.parse(made.columns.audio ?? '') as { loudness: { integrated: number; truePeak: number } };
    expect(facts.loudness.integrated).toBeGreaterThan(-30);
    expect(facts.loudness.truePeak).toBeLessThan(0);
  });

  test.each<[string, number, string[]]>([
    ['with an encoder that needs two frames to begin', 2, [...tone(2, 8000), '-c:a', 'aac', '-ac', '1']],
    ['that begins later than the picture', 3, [...picture(3, '64x64'), '-itsoffset', '1', ...tone(2), ...h264, '-c:a', 'ac3']],
    ['of which the picture has one keyframe', 3, [...picture(3, '64x64'), ...tone(3), '-c:v', 'libx264', '-g', '999', '-c:a', 'ac3']],
  ])('a sound %s is no damage', async (_what, seconds, args) => {
    const name = `sound-${seconds}-${args.length}.mkv`;
    const made = await make(await makeClip(directory, name, args), { mimeType: 'video/x-matroska' });
    expect(Math.abs((made.columns.duration_ms ?? 0) - seconds * 1000)).toBeLessThan(300);
  });

  test('two frames a hundred seconds apart stay two frames, and have a preview', async () => {
    const args = [...picture(2, '64x64', 1), '-vf', 'setpts=N*100/TB', '-fps_mode', 'vfr', ...h264];
    const made = await make(await makeClip(directory, 'apart.mp4', args));
    expect((await reread(made, 'stream')).videoScan).toMatchObject({ packets: 2 });
    expect((await reread(made, 'preview')).seconds).toBeCloseTo(4, 0);
  });

  test.each<[string, string, { width: number; height: number }]>([
    ['720x576', '16/11', { width: 1046, height: 576 }],
    ['720x480', '8/9', { width: 640, height: 480 }],
    ['1440x1080', '4/3', { width: 1920, height: 1080 }],
  ])('pixels that are not square (%s, %s) become square ones, and nothing is squeezed', async (size, aspect, expected) => {
    const clip = await makeClip(directory, `aspect-${size}.mp4`, [...picture(1, size, 5), '-vf', `setsar=${aspect}`, ...h264]);
    const made = await make(clip);
    expect(processingOf(made)).toMatchObject({ reencodeReasons: ['sample_aspect_ratio'] });
    expect(fileOf(made, 'stream')).toMatchObject(expected);
  });

  test('silence has no loudness', async () => {
    const file = await makeClip(directory, 'silence.wav', ['-f', 'lavfi', '-i', 'anullsrc=r=44100:d=1']);
    const made = await make(file, { mimeType: 'audio/wav' });
    expect(JSON.parse(made.columns.audio ?? '')).toMatchObject({ loudness: null });
  });

  test('an MP3 stays as it is, and its cover becomes the poster', async () => {
    const cover = await makeClip(directory, 'cover.png', [...picture(1), '-frames:v', '1']);
    const file = await makeClip(directory, 'cover.mp3', [
      ...tone(2),
      '-i',
      cover,
      '-map',
      '0:a',
      '-map',
      '1:v',
      '-c:a',
      'libmp3lame',
      '-b:a',
      '128k',
      '-c:v',
      'copy',
    ]);
    const made = await make(file, { mimeType: 'audio/mpeg' });
    expect(roles(made)).toEqual(['poster', 'poster_small', 'preview', 'stream', 'waveform']);
    expect(processingOf(made)).toMatchObject({ audio: 'copy' });
    expect(fileOf(made, 'stream')).toMatchObject({ mimeType: 'audio/mpeg' });
  });

  test('the poster is not the black at the beginning of a clip', async () => {
    const black = ['-f', 'lavfi', '-i', 'color=black:s=320x180:r=30:d=2'];
    const file = await makeClip(directory, 'intro.mp4', [...black, ...picture(2), '-filter_complex', '[0:v][1:v]concat', ...h264, '-g', '15']);
    const made = await make(file);
    expect(made.columns.dominant_colour).not.toBe('#000000');
  });

  test.each<[string, string, () => Promise<{ file: string; mimeType?: string; rules?: Partial<typeof recordingRules> }>]>([
    ['a clip that ends in the middle', 'corrupt_media', async () => ({ file: await cutShort('whole.mp4', ['-movflags', '+faststart'], 0.4) })],
    ['a clip without its index', 'corrupt_media', async () => ({ file: await cutShort('index.mp4', [], 0.9) })],
    ['a playlist under the name of a clip', 'corrupt_media', async () => ({ file: await playlist() })],
    ['a clip that is too long', 'too_long', async () => ({ file: await simple('long2.mp4'), rules: { maxDurationMs: 500 } })],
    ['a clip that is too small', 'too_small', async () => ({ file: await simple('small.mp4'), rules: { minWidth: 1000 } })],
    ['a clip of other proportions', 'aspect_ratio_out_of_range', async () => ({ file: await simple('wide.mp4'), rules: { maxAspectRatio: 1 } })],
    [
      'a clip of a thousand frames a second',
      'too_many_frames',
      async () => ({ file: await makeClip(directory, 'fast.mp4', [...picture(1, '64x64', 1000), ...h264]) }),
    ],
    ['two frames ten hours apart', 'too_long', async () => ({ file: await gap() })],
    ['a picture of 262 megapixels', 'too_many_pixels', async () => ({ file: await huge(), mimeType: 'video/x-matroska' })],
    ['two hundred tracks', 'resource_limit', async () => ({ file: await manyTracks(), mimeType: 'video/x-matroska' })],
  ])('%s is refused as %s, before anything is made', async (_what, code, prepare) => {
    const { file, mimeType = 'video/mp4', rules = {} } = await prepare();
    await expect(make(file, { mimeType, rules: { ...recordingRules, ...rules } })).rejects.toMatchObject({ code });
  });

  test('a cancelled run ends at once and leaves no file', async () => {
    const file = await makeClip(directory, 'cancelled.mp4', [...picture(20, '1280x720'), ...h264, '-pix_fmt', 'yuv444p']);
    const cancel = new AbortController();
    const ctx = recordingContext(decoders, cancel.signal);
    const reason = new Error('cancelled');
    const work = make(file, { onProgress: (fraction) => void ((fraction ?? 0) > 0.05 && cancel.abort(reason)) }, ctx);
    await expect(work).rejects.toBe(reason);
    // Only those of this process: other test files run at the same time.
    expect((await readdir(tmpdir())).filter((name) => name.startsWith(`safelight-motion-${process.pid}-`))).toEqual([]);
  });

  const simple = async (name: string): Promise<string> => await makeClip(directory, name, [...picture(1), ...h264]);
  async function cutShort(name: string, how: string[], part: number): Promise<string> {
    const file = await makeClip(directory, name, [...picture(2), ...tone(2), ...h264, ...aac, ...how]);
    const cut = path.join(directory, `cut-${name}`);
    await copyFile(file, cut);
    await truncate(cut, Math.round((await readFile(file)).length * part));
    return cut;
  }
  async function playlist(): Promise<string> {
    await simple('sibling.mp4');
    const file = path.join(directory, 'playlist.mp4');
    await writeFile(file, 'ffconcat version 1.0\nfile sibling.mp4\n');
    return file;
  }
  const gap = async (): Promise<string> =>
    await makeClip(directory, 'gap.mp4', [...picture(1, '64x64', 2), '-vf', 'setpts=N*36000/TB', '-fps_mode', 'vfr', ...h264]);
  const huge = async (): Promise<string> =>
    await makeClip(directory, 'huge.mkv', ['-f', 'lavfi', '-i', 'color=black:s=16384x16000:r=1:d=1,format=monob', '-frames:v', '1', '-c:v', 'png']);
  async function manyTracks(): Promise<string> {
    const one = await simple('one.mp4');
    return await makeClip(directory, 'many.mkv', ['-i', one, ...Array.from({ length: 200 }, () => ['-map', '0:v']).flat(), '-c', 'copy']);
  }
});
