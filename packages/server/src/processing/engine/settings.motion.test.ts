import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

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
  whyNoFfmpeg,
} from '../../../test/support/recordings.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { testDecoders } from '../../../test/support/test-decoders.ts';
import type { FactColumns, RecordingInput } from '../made.ts';
import { withRecording } from '../make-recording.ts';
import type { EngineSettings } from './engine.ts';
import { createEngines } from './find-engine.ts';
import { readRecording } from './read-recording.ts';

const why = whyNoFfmpeg();
const directory = await temporaryDirectory();
const decoders = testDecoders();

const settings: EngineSettings = { ffmpeg: null, ffprobe: null, sandbox: 'auto', threads: 1 };

describe.skipIf(why !== null)(`what the configuration says of recordings${why === null ? '' : ` (${why})`}`, () => {
  type Kept = { columns: FactColumns; stream: Buffer; mimeType: string };
  async function make(file: string, more: Partial<RecordingInput> = {}, asked: EngineSettings = settings): Promise<Kept> {
    const input = { file, collection: recordingCollection(), rules: recordingRules, mimeType: 'video/mp4', focalPoint: null, digitalSource: null, ...more };
    return await withRecording(
      { ...recordingContext(decoders), site: { ...recordingContext(decoders).site, engines: asked === settings ? engines : createEngines(asked) } },
      input,
      async ({ columns, files }) => {
        const stream = files.find(({ role }) => role === 'stream');
        if (stream === undefined || !('path' in stream.content)) throw new Error('there is no stream');
        return { columns, stream: await readFile(stream.content.path), mimeType: stream.mimeType };
      },
    );
  }
  const tell = (text: string | null | undefined): Record<string, unknown> => JSON.parse(text ?? '{}') as Record<string, unknown>;
  async function reread({ stream, mimeType }: Kept) {
    const { engine } = await engines.find();
    if (engine === null) throw new Error('there is no engine');
    await writeFile(path.join(directory, 'again'), stream);
    const demuxer = mimeType === 'audio/ogg' ? 'ogg' : 'mov';
    return await readRecording(engine, { directory, name: 'again', demuxer, signal: new AbortController().signal });
  }

  test('the sandbox can be off, used if available, or required, and then nothing runs without it', async () => {
    expect((await createEngines({ ...settings, sandbox: 'off' }).find()).engine).toMatchObject({ sandbox: 'none' });
    const { engine } = await createEngines({ ...settings, sandbox: 'require' }).find();
    if (engine !== null) expect(engine.sandbox).toBe('unshare');
    const before = process.env['PATH'];
    const { ffmpeg, ffprobe } = { ffmpeg: '/usr/bin/ffmpeg', ffprobe: '/usr/bin/ffprobe' };
    process.env['PATH'] = '/nowhere';
    const found = await createEngines({ ...settings, ffmpeg, ffprobe, sandbox: 'require' })
      .find()
      .finally(() => (process.env['PATH'] = before));
    expect(found).toMatchObject({ engine: null, reason: expect.stringMatching(/without network.*engine\.sandbox requires it/) as string });
  });

  test('an encoder uses the configured number of threads, and still makes the same bytes each time', async () => {
    const file = await makeClip(directory, 'threads.mp4', [...picture(2, '640x360'), ...h264, '-pix_fmt', 'yuv444p']);
    const two = { ...settings, threads: 2 };
    const [first, second, single] = [await make(file, {}, two), await make(file, {}, two), await make(file)];
    expect(first.stream.equals(second.stream)).toBe(true);
    expect(first.stream.equals(single.stream)).toBe(false);
  });

  test('Opus is made if requested, kept if the source has it, and the same bytes each time', async () => {
    const collection = recordingCollection({ audio: { codec: 'opus' } });
    const flac = await makeClip(directory, 'tone.flac', tone(3));
    const made = await make(flac, { mimeType: 'audio/flac', collection });
    expect(made.mimeType).toBe('audio/ogg');
    expect((await reread(made)).audio).toMatchObject({ codec: 'opus' });
    expect((await make(flac, { mimeType: 'audio/flac', collection })).stream.equals(made.stream)).toBe(true);
    const opus = await makeClip(directory, 'tone.ogg', [...tone(3), '-c:a', 'libopus', '-b:a', '64k']);
    expect(tell((await make(opus, { mimeType: 'audio/ogg', collection })).columns.processing)).toMatchObject({ audio: 'copy' });
    expect((await make(opus, { mimeType: 'audio/ogg' })).mimeType).toBe('audio/mp4');
  });

  test('sound is brought to −14 LUFS if requested, whatever it was before, and the record keeps the loudness of the source', async () => {
    const collection = recordingCollection({ audio: { normalise: -14 } });
    const quiet = await makeClip(directory, 'quiet.m4a', [...tone(6), '-af', 'volume=-20dB', ...aac]);
    const made = await make(quiet, { mimeType: 'audio/mp4', collection });
    expect(tell(made.columns.processing)).toMatchObject({ audio: 'encode' });
    const before = tell(made.columns.audio)['loudness'] as { integrated: number };
    expect(before.integrated).toBeLessThan(-35);
    const again = path.join(directory, 'loud.m4a');
    await writeFile(again, made.stream);
    const after = tell((await make(again, { mimeType: 'audio/mp4' })).columns.audio)['loudness'] as { integrated: number; truePeak: number };
    expect(Math.abs(after.integrated + 14)).toBeLessThan(1);
    expect(after.truePeak).toBeLessThanOrEqual(0);
    expect(Object.keys(before).toSorted()).toEqual(['integrated', 'range', 'truePeak']);
  });

  test('a stream is not encoded with a higher bitrate than its source in the same codec', async () => {
    const surround = await makeClip(directory, 'surround.m4a', ['-f', 'lavfi', '-i', 'sine=d=8', '-c:a', 'aac', '-ac', '6', '-b:a', '96k']);
    const made = await make(surround, { mimeType: 'audio/mp4' });
    expect(tell(made.columns.processing)).toMatchObject({ audio: 'encode' });
    expect(made.stream.length).toBeLessThanOrEqual((await readFile(surround)).length * 1.05);
  });

  test.each<[string, string, Partial<typeof recordingRules>, string[]]>([
    ['of 60 frames a second where 30 are allowed', 'too_many_frames', { maxFps: 30 }, picture(1, '320x180', 60)],
    ['of a higher bitrate than is allowed', 'file_too_large', { maxVideoBitrate: 10_000 }, picture(1)],
    ['without sound where that is needed', 'unsupported_type', { requireAudio: true }, picture(1)],
  ])('a video %s is refused as %s', async (_what, code, rules, source) => {
    const file = await makeClip(directory, `${code}.mp4`, [...source, ...h264]);
    await expect(make(file, { rules: { ...recordingRules, ...rules } })).rejects.toMatchObject({ code });
  });

  test('a video with the requested rate, bitrate and sound is kept', async () => {
    const file = await makeClip(directory, 'fits.mp4', [...picture(2), ...tone(2), ...h264, ...aac, '-shortest']);
    const rules = { ...recordingRules, maxFps: 30, maxVideoBitrate: 20_000_000, requireAudio: true };
    expect((await make(file, { rules })).columns).toMatchObject({ kind: 'video' });
  });
});
