import { execFile } from 'node:child_process';
import { appendFile, readFile, writeFile } from 'node:fs/promises';
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
  whyNoFfmpeg,
} from '../../test/support/recordings.ts';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { testDecoders } from '../../test/support/test-decoders.ts';
import type { Engine } from './engine/engine.ts';
import { readRecording } from './engine/read-recording.ts';
import type { FactColumns, RecordingInput } from './made.ts';
import { withRecording } from './make-recording.ts';

const decoders = testDecoders();
const directory = await temporaryDirectory();
const why = whyNoFfmpeg();

type Kept = { columns: FactColumns; files: { role: string; bytes: Buffer; width: number | null; height: number | null; layout?: unknown }[] };

async function make(name: string, args: readonly string[], more: Partial<RecordingInput> = {}, engine?: Engine): Promise<Kept> {
  const file = await makeClip(directory, name, args);
  return await read(file, more, engine);
}
async function read(file: string, more: Partial<RecordingInput> = {}, engine?: Engine): Promise<Kept> {
  const input = { file, collection: recordingCollection(), rules: recordingRules, mimeType: 'video/mp4', focalPoint: null, digitalSource: null, ...more };
  const plain = recordingContext(decoders);
  const found = engine === undefined ? engines : { find: async () => await Promise.resolve({ engine, reason: null }) };
  const ctx = { ...plain, site: { ...plain.site, engines: found } };
  return await withRecording(ctx, input, async ({ columns, files }) => ({
    columns,
    files: await Promise.all(
      files.map(async ({ content, ...file }) => ({ ...file, bytes: 'bytes' in content ? content.bytes : await readFile(content.path) })),
    ),
  }));
}
const findEngine = async (): Promise<Engine> => {
  const { engine } = await engines.find();
  if (engine === null) throw new Error('there is no engine');
  return engine;
};
async function reread({ files }: Kept, role: string) {
  await writeFile(path.join(directory, 'again'), files.find((file) => file.role === role)?.bytes ?? Buffer.alloc(0));
  return await readRecording(await findEngine(), { directory, name: 'again', demuxer: 'mov', signal: new AbortController().signal });
}
const processingOf = ({ columns }: Kept): Record<string, unknown> => JSON.parse(columns.processing ?? '{}') as Record<string, unknown>;
/** Boxes and a brand by which a file says that its picture has a high range. */
const said = ['mdcv', 'clli', 'dvvC', 'dby1'];

/** Adds how bright the screen was on which a clip was made, and Dolby Vision that is compatible with HDR10, to the entry of its picture. */
function mastered(clip: Buffer): Buffer {
  const box = (type: string, content: Buffer): Buffer => Buffer.concat([Buffer.from([0, 0, 0, content.length + 8]), Buffer.from(type), content]);
  const screen = Buffer.from('33c286c41d4c0bb884d03e803d0940420098968000000032', 'hex');
  const boxes = Buffer.concat([
    box('mdcv', screen),
    box('clli', Buffer.from('03e80190', 'hex')),
    box('dvvC', Buffer.from(`0100101510${'00'.repeat(19)}`, 'hex')),
  ]);
  const at = clip.lastIndexOf('avc1');
  const longer = Buffer.concat([clip.subarray(0, at - 4 + clip.readUInt32BE(at - 4)), boxes, clip.subarray(at - 4 + clip.readUInt32BE(at - 4))]);
  for (const type of ['avc1', 'stsd', 'stbl', 'minf', 'mdia', 'trak', 'moov']) {
    const size = longer.lastIndexOf(type, at) - 4;
    longer.writeUInt32BE(longer.readUInt32BE(size) + boxes.length, size);
  }
  return longer;
}

const all = ['poster', 'poster_small', 'preview', 'storyboard', 'stream'];
const roles = ({ files }: Kept): string[] => files.map(({ role }) => role).toSorted();

describe.skipIf(why !== null)(`odd but honest recordings${why === null ? '' : ` (${why})`}`, () => {
  test('a picture that ends long before its sound is shown as long as it lasts, in all sizes, and the sound plays to its end', async () => {
    const args = [...picture(3), ...tone(30), '-map', '0', '-map', '1', ...h264, ...aac];
    const made = await make('sound-goes-on.mp4', args, { collection: recordingCollection({ video: { hls: 'on' } }) });
    expect(roles(made)).toEqual(['hls_360', 'hls_audio', ...all]);
    expect(made.columns.duration_ms).toBeGreaterThan(29_900);
    expect((await reread(made, 'preview')).seconds).toBeCloseTo(3, 0);
    expect((await reread(made, 'stream')).seconds).toBeCloseTo(30, 0);
    // No black tiles for the time without a picture.
    expect(made.files.find(({ role }) => role === 'storyboard')?.layout).toMatchObject({ intervalMs: 1000, count: 3 });
  });

  test('sound alone in a video container is taken where only sound is, and a video in one is refused there, and where its type is not accepted', async () => {
    const onlySound = { collection: recordingCollection({ kinds: ['audio'] }), rules: { ...recordingRules, acceptedTypes: ['audio/*'] } };
    expect((await make('memo.mp4', [...tone(2), ...aac], onlySound)).columns.kind).toBe('audio');
    const clip = [...picture(2), ...tone(2), ...h264, ...aac];
    await expect(make('film.mp4', clip, onlySound)).rejects.toMatchObject({ code: 'unsupported_type', message: expect.stringContaining('this is a video') });
    const isRefused = { code: 'unsupported_type', message: expect.stringContaining('This is an MP4 video') };
    await expect(make('film.mp4', clip, { rules: { ...recordingRules, acceptedTypes: ['video/webm', 'audio/mp4'] } })).rejects.toMatchObject(isRefused);
  });

  test('a picture that begins long after its sound has its preview and its storyboard where it exists', async () => {
    const made = await make('picture-comes-late.mp4', [...tone(20), '-itsoffset', '15', ...picture(5), '-map', '1', '-map', '0', ...h264, ...aac]);
    expect(roles(made)).toEqual(all);
    expect((await reread(made, 'preview')).seconds).toBeCloseTo(4, 0);
  });

  test.each<[string, string, string, string[]]>([
    ['a transport stream with one keyframe', 'one-key.ts', 'video/mp2t', [...picture(2), ...tone(2), ...h264, ...aac]],
    ['a program stream', 'old.mpg', 'video/mpeg', [...picture(2), '-c:v', 'mpeg2video']],
  ])('%s, in which nobody can jump, has its preview from the beginning', async (_what, name, mimeType, args) => {
    const made = await make(name, args, { mimeType, collection: recordingCollection({ visibility: 'grant' }) });
    expect((await reread(made, 'preview')).seconds).toBeCloseTo(1, 0);
  });

  test('a recording whose clock began long before it has its real duration', async () => {
    const made = await make('late.mkv', [...picture(2), ...tone(2), ...h264, ...aac, '-output_ts_offset', '1000'], { mimeType: 'video/x-matroska' });
    expect(made.columns.duration_ms).toBeLessThan(2200);
    const { videoScan, seconds } = await reread(made, 'stream');
    expect([Math.round(videoScan?.start ?? 99), Math.round(seconds)]).toEqual([0, 2]);
  });

  test('data appended to an intact clip is no damage, and is in none of its outputs', async () => {
    const file = await makeClip(directory, 'behind.mp4', [...picture(1), ...h264, '-movflags', '+faststart']);
    await appendFile(file, Buffer.concat([Buffer.from([0x7f, 0xff, 0xff, 0xff]), Buffer.from('CANARY'.repeat(200))]));
    const made = await read(file);
    expect(roles(made)).toEqual(all);
    for (const { bytes } of made.files) expect(bytes.includes('CANARY')).toBe(false);
  });

  test('text in units of the picture that decoders skip is in none of its outputs, and the picture stays as it is', async () => {
    const raw = await readFile(await makeClip(directory, 'silent.h264', [...picture(1), ...h264]));
    const first = raw.indexOf(Buffer.from([0, 0, 1, 0x65]));
    const units = [0, 6, 12, 13, 24, 30, 31].map((type) => Buffer.concat([Buffer.from([0, 0, 1, type]), Buffer.from('CANARY'.repeat(5)), Buffer.from([0x80])]));
    const spoken = path.join(directory, 'spoken.h264');
    await writeFile(spoken, Buffer.concat([raw.subarray(0, first), ...units, raw.subarray(first)]));
    const clip = await makeClip(directory, 'spoken.mp4', ['-i', spoken, '-c', 'copy']);
    expect((await readFile(clip)).toString('latin1').split('CANARY'.repeat(5))).toHaveLength(units.length + 1);
    const made = await read(clip);
    expect(processingOf(made)).toMatchObject({ mode: 'remux' });
    for (const { bytes } of made.files) expect(bytes.includes('CANARY')).toBe(false);
    expect((await reread(made, 'stream')).videoScan).toMatchObject({ packets: 30, isMonotonic: true });
  });

  test('tags between and behind the frames of an MP3 that was joined are in none of its outputs, and all of its sound is', async () => {
    const sound = async (seconds: number): Promise<Buffer> => {
      const args = [...tone(seconds), '-c:a', 'libmp3lame', '-b:a', '64k', '-write_xing', '0', '-id3v2_version', '0'];
      return await readFile(await makeClip(directory, `sound-${seconds}.mp3`, args));
    };
    const tag = Buffer.from('ID3\u0003\u0000\u0000\u0000\u0000\u0003\u0074' + 'TXXX CANARY '.repeat(42) + ' '.repeat(12), 'latin1');
    const last = Buffer.concat([Buffer.from('TAGCANARY'), Buffer.alloc(119)]);
    const words = Buffer.from(`LYRICSBEGIN${'CANARY '.repeat(40)}000297LYRICS200`);
    // The first one was cut within a frame.
    const joined = [tag, (await sound(1)).subarray(0, -100), tag, last, await sound(2), words, last];
    const file = path.join(directory, 'joined.mp3');
    await writeFile(file, Buffer.concat(joined));
    const made = await read(file, { mimeType: 'audio/mpeg' });
    expect(processingOf(made)).toMatchObject({ audio: 'copy' });
    for (const { bytes } of made.files) for (const word of ['CANARY', 'TXXX', 'ID3', 'LYRICS']) expect(bytes.includes(word), word).toBe(false);
    const stream = path.join(directory, 'joined-stream.mp3');
    await writeFile(stream, made.files.find(({ role }) => role === 'stream')?.bytes ?? Buffer.alloc(0));
    const { seconds } = await readRecording(await findEngine(), { directory, name: 'joined-stream.mp3', demuxer: 'mp3', signal: new AbortController().signal });
    expect(seconds).toBeGreaterThan(2.9);
    expect(seconds).toBeLessThan(3.2);
  });

  test('subtitles or chapters that go on after picture and sound are no damage', async () => {
    const words = path.join(directory, 'long-words.srt');
    await writeFile(words, '1\n00:00:00,000 --> 00:00:09,000\nYes\n');
    const subtitled = await make('subtitled.mkv', [...picture(1), '-i', words, '-map', '0', '-map', '1', ...h264, '-c:s', 'srt'], {
      mimeType: 'video/x-matroska',
    });
    const chapters = path.join(directory, 'long-chapters.txt');
    await writeFile(chapters, ';FFMETADATA1\n[CHAPTER]\nTIMEBASE=1/1000\nSTART=0\nEND=9000\ntitle=All\n');
    const divided = await make('divided.mp4', [...picture(1), '-i', chapters, '-map_chapters', '1', ...h264]);
    for (const { columns } of [subtitled, divided]) expect(columns.duration_ms).toBe(1000);
  });

  test('odd sides become even, and alpha, RGB planes or a single frame come out as a video', async () => {
    const odd = await make('odd-sides.mkv', ['-f', 'lavfi', '-i', 'testsrc=s=321x181:r=30:d=1', '-c:v', 'ffv1'], { mimeType: 'video/x-matroska' });
    expect(odd.columns).toMatchObject({ width: 321, height: 181 });
    expect(odd.files.find(({ role }) => role === 'stream')).toMatchObject({ width: 320, height: 180 });
    const alpha = await make('alpha.mov', [...picture(1), '-c:v', 'qtrle', '-pix_fmt', 'argb'], { mimeType: 'video/quicktime' });
    expect((await reread(alpha, 'stream')).video).toMatchObject({ codec: 'h264', pixelFormat: 'yuv420p' });
    const single = await make('single.mp4', [...picture(1), '-frames:v', '1', ...h264]);
    expect(roles(single)).toEqual(all);
  });

  test('subtitles and data tracks of a clip are in none of its outputs', async () => {
    const words = path.join(directory, 'words.srt');
    await writeFile(words, '1\n00:00:00,000 --> 00:00:01,000\nCANARY\n');
    const made = await make('words.mkv', [...picture(1), '-i', words, '-map', '0', '-map', '1', ...h264, '-c:s', 'srt'], { mimeType: 'video/x-matroska' });
    for (const { bytes } of made.files) expect(bytes.includes('CANARY')).toBe(false);
  });

  test.each<[string, string, string[]]>([
    ['picture', 'h264', [...picture(1), ...tone(1), ...h264, ...aac]],
    ['sound', 'aac', [...picture(1), ...tone(1), ...h264, ...aac]],
  ])('a video whose %s cannot be decoded here is refused by the name of its codec: nothing of it is left out in silence', async (_what, codec, args) => {
    const engine = await findEngine();
    const lacking = { ...engine, decodes: new Set([...engine.decodes].filter((name) => name !== codec)) };
    await expect(make(`lacks-${codec}.mp4`, args, {}, lacking)).rejects.toMatchObject({
      code: 'unsupported_codec',
      message: expect.stringMatching(new RegExp(`cannot decode ${codec}`)) as string,
    });
  });

  test('of two sound tracks the one that can be decoded is used', async () => {
    const engine = await findEngine();
    const lacking = { ...engine, decodes: new Set([...engine.decodes].filter((name) => name !== 'ac3')) };
    const args = [...picture(1), ...tone(1), '-map', '0', '-map', '1', '-map', '1', ...h264, '-c:a:0', 'ac3', '-c:a:1', 'aac'];
    const made = await make('two-sounds.mp4', args, {}, lacking);
    expect(JSON.parse(made.columns.audio ?? '')).toMatchObject({ codec: 'aac' });
    expect(processingOf(made)).toMatchObject({ audio: 'copy' });
  });

  test('a ten-bit HDR clip comes out in standard range, and not grey', async () => {
    const hlg = [
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-pix_fmt',
      'yuv420p10le',
      '-color_primaries',
      'bt2020',
      '-color_trc',
      'arib-std-b67',
      '-colorspace',
      'bt2020nc',
    ];
    const made = await make('hlg.mp4', [...picture(1), ...hlg]);
    expect(processingOf(made)).toMatchObject({ mode: 'encode', reencodeReasons: ['profile', 'pixel_format', 'hdr'] });
    expect(JSON.parse(made.columns.video ?? '')).toMatchObject({ hdr: 'hlg' });
    expect((await reread(made, 'stream')).video).toMatchObject({
      hdr: 'none',
      pixelFormat: 'yuv420p',
      colour: { transfer: 'bt709', primaries: 'bt709', space: 'bt709' },
    });
    const { stderr } = await promisify(execFile)('ffmpeg', [
      '-i',
      path.join(directory, 'again'),
      '-vf',
      'signalstats,metadata=print:key=lavfi.signalstats.SATAVG',
      '-f',
      'null',
      '-',
    ]);
    const [, saturation] = /SATAVG=([\d.]+)/.exec(stderr) ?? [];
    expect(Number(saturation)).toBeGreaterThan(10);
  });

  test('what the source says of its high range is in none of the outputs, which have standard range', async () => {
    const pq = ['-pix_fmt', 'yuv420p10le', '-color_primaries', 'bt2020', '-color_trc', 'smpte2084', '-colorspace', 'bt2020nc'];
    const plain = await readFile(await makeClip(directory, 'pq.mp4', [...picture(1), '-c:v', 'libx264', ...pq]));
    const file = path.join(directory, 'mastered.mp4');
    await writeFile(file, mastered(plain));
    const made = await read(file, { collection: recordingCollection({ video: { hls: 'on' } }) });
    expect(JSON.parse(made.columns.video ?? '')).toMatchObject({ hdr: 'dv' });
    for (const { role, bytes } of made.files) for (const type of said) expect(bytes.includes(type), `${type} in ${role}`).toBe(false);
    expect((await reread(made, 'stream')).video).toMatchObject({ hdr: 'none' });
  });

  test.each(['libopus', 'libvorbis'])('an Ogg to which another was appended (%s) plays both', async (codec) => {
    const part = async (seconds: number): Promise<Buffer> => {
      const args = [...tone(seconds), '-c:a', codec, '-serial_offset', String(seconds)];
      return await readFile(await makeClip(directory, `${codec}-${seconds}.ogg`, args));
    };
    const file = path.join(directory, `${codec}-chain.ogg`);
    await writeFile(file, Buffer.concat([await part(2), await part(1), await part(2)]));
    // Encoded from any of them; Opus may also be kept as it is.
    for (const wanted of ['aac', 'opus'] as const) {
      const made = await read(file, { mimeType: 'audio/ogg', collection: recordingCollection({ audio: { codec: wanted } }) });
      expect(Math.abs((made.columns.duration_ms ?? 0) - 5000)).toBeLessThan(50);
      const waveform = JSON.parse(made.files.find(({ role }) => role === 'waveform')?.bytes.toString() ?? '') as { length: number };
      expect(Math.abs(waveform.length - 100)).toBeLessThanOrEqual(1);
    }
  });

  test.each([0xff_ff_ff_ff, 0x7f_ff_f0_24, 0])('a WAV that was written to a pipe, and says %i bytes, is as long as its samples', async (size) => {
    const bytes = await readFile(await makeClip(directory, 'piped.wav', [...tone(2, 44_100), '-c:a', 'pcm_s16le']));
    bytes.writeUInt32LE(size, 4);
    bytes.writeUInt32LE(size, bytes.indexOf('data') + 4);
    const file = path.join(directory, 'piped.wav');
    await writeFile(file, bytes);
    expect((await read(file, { mimeType: 'audio/wav' })).columns.duration_ms).toBe(2000);
  });

  test.each(['never', 'always'])('a WAV whose samples end before its header says so is damaged (RF64: %s)', async (large) => {
    const whole = await makeClip(directory, `large-${large}.wav`, [...tone(2), '-c:a', 'pcm_s16le', '-rf64', large]);
    expect((await read(whole, { mimeType: 'audio/wav' })).columns.duration_ms).toBe(2000);
    await writeFile(whole, (await readFile(whole)).subarray(0, 100_000));
    await expect(read(whole, { mimeType: 'audio/wav' })).rejects.toMatchObject({ code: 'corrupt_media' });
  });

  test('a clip without sound, one with six channels, and one with a variable frame rate keep those properties', async () => {
    const silent = await make('silent.mp4', [...picture(1), ...h264]);
    expect([silent.columns.audio, processingOf(silent)['audio']]).toEqual([null, 'none']);
    const around = await make('around.mp4', [...picture(1), ...tone(1), ...h264, '-c:a', 'aac', '-ac', '6']);
    expect(processingOf(around)).toMatchObject({ mode: 'remux', audio: 'encode' });
    expect((await reread(around, 'stream')).audio).toMatchObject({ codec: 'aac', channels: 2 });
    const uneven = await make('uneven.mp4', [...picture(4), '-vf', 'select=not(mod(n\\,7))+not(mod(n\\,5))', '-fps_mode', 'vfr', ...h264]);
    expect(JSON.parse(uneven.columns.video ?? '')).toMatchObject({ vfr: true });
    expect(processingOf(uneven)).toMatchObject({ mode: 'remux' });
    expect((await reread(uneven, 'stream')).videoScan?.packets).toBe(
      Array.from({ length: 120 }, (_, at) => at).filter((at) => at % 7 === 0 || at % 5 === 0).length,
    );
  });

  test('a cover next to the video track is not mistaken for it', async () => {
    const cover = path.join(directory, 'cover.png');
    await promisify(execFile)('ffmpeg', ['-v', 'error', '-y', '-f', 'lavfi', '-i', 'color=red:s=800x800', '-frames:v', '1', cover]);
    const args = [
      '-i',
      cover,
      ...picture(1),
      '-map',
      '0',
      '-map',
      '1',
      '-c:v:0',
      'png',
      '-disposition:v:0',
      'attached_pic',
      '-c:v:1',
      'libx264',
      '-pix_fmt:v:1',
      'yuv420p',
    ];
    const made = await make('with-cover.mp4', args);
    expect(made.columns).toMatchObject({ kind: 'video', width: 320, height: 180 });
    expect(made.files.find(({ role }) => role === 'stream')).toMatchObject({ width: 320, height: 180 });
  });
});
