import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import { engines, makeClip, picture, tone, turnClip, whyNoFfmpeg } from '../../../test/support/recordings.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { checkOutput } from './check-output.ts';
import { factsOf } from './read-output.ts';
import { readOwnMp4 } from './read-own-mp4.ts';
import { readRecording } from './read-recording.ts';

const directory = await temporaryDirectory();
const why = whyNoFfmpeg();

const plain = ['-map_metadata', '-1', '-fflags', '+bitexact', '-flags:v', '+bitexact', '-flags:a', '+bitexact', '-movflags', '+faststart', '-f', 'mp4'];
const h264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-pix_fmt', 'yuv420p'];
const aac = ['-c:a', 'aac', '-ac', '2'];

async function strangers(name: string) {
  const { engine } = await engines.find();
  if (engine === null) throw new Error('there is no engine');
  return factsOf(await readRecording(engine, { directory, name, demuxer: 'mov', signal: new AbortController().signal, withTags: true }));
}

const clips: [string, string[]][] = [
  ['picture and sound', [...picture(3), ...tone(3), ...h264, ...aac]],
  ['frames out of order, of an odd height', [...picture(2, '322x182', 25), ...h264, '-bf', '3']],
  ['frames in order', [...picture(2), ...h264, '-bf', '0', '-profile:v', 'baseline']],
  ['a sound that begins later', [...picture(3), '-itsoffset', '1.5', ...tone(1), ...h264, ...aac]],
  ['a picture that begins later', ['-itsoffset', '0.7', ...picture(2), ...tone(3), ...h264, ...aac]],
  ['sound alone', [...tone(4), ...aac]],
  ['sound alone of 44,100', ['-f', 'lavfi', '-i', 'sine=f=440:r=44100:d=2', '-c:a', 'aac', '-ac', '1']],
  ['frames far apart', [...picture(40, '64x64', 1), '-vf', 'select=not(mod(n\\,13))', '-fps_mode', 'vfr', ...h264]],
  ['standard range that says so', [...picture(1), ...h264, '-color_primaries', 'bt709', '-color_trc', 'bt709', '-colorspace', 'bt709']],
  ['high range that says so', [...picture(1), ...h264, '-color_primaries', 'bt2020', '-color_trc', 'arib-std-b67', '-colorspace', 'bt2020nc']],
  ['more than eight bits', [...picture(1), '-c:v', 'libx264', '-pix_fmt', 'yuv420p10le']],
  ['one frame', [...picture(1), '-frames:v', '1', ...h264]],
];

describe.skipIf(why !== null)(`an MP4 that was made here${why === null ? '' : ` (${why})`}`, () => {
  test.each(clips)('is read as ffprobe reads it: %s', async (name, args) => {
    const file = await makeClip(directory, `${name.replaceAll(/\W/g, '-')}.mp4`, [...args, ...plain]);
    const [own, other] = [await readOwnMp4(file), await strangers(path.basename(file))];
    expect(own).not.toBeNull();
    expect(own?.seconds).toBeCloseTo(other.seconds, 1);
    expect(own?.tags).toEqual(other.tags);
    expect(own?.isFastStart).toBe(true);
    expect(own?.sound === null).toBe(other.sound === null);
    if (own?.picture && own.sound && other.picture && other.sound)
      expect(own.sound.start - own.picture.start).toBeCloseTo(other.sound.start - other.picture.start, 1);
    const { start: _, fps, pixelFormat, ...rest } = own?.picture ?? { start: 0, fps: 0, pixelFormat: null };
    const { start: __, fps: otherFps, pixelFormat: otherFormat, ...others } = other.picture ?? { start: 0, fps: 0, pixelFormat: null };
    expect(rest).toEqual(others);
    expect(fps).toBeCloseTo(otherFps, 0);
    expect(pixelFormat === 'yuv420p').toBe(otherFormat === 'yuv420p');
  });

  const signal = new AbortController().signal;
  const check = async (file: string, seconds = 2): Promise<unknown> => {
    const { engine } = await engines.find();
    if (engine === null) throw new Error('there is no engine');
    const expected = {
      directory,
      name: path.basename(file),
      demuxer: 'mov' as const,
      seconds,
      picture: { width: 320, height: 180 },
      hasSound: true,
      soundOffset: 0,
      signal,
    };
    return await checkOutput(engine, expected).then(
      () => null,
      (error: Error & { forOperator?: string }) => error.forOperator ?? error.message,
    );
  };
  const whole = async (name: string, more: string[] = []): Promise<string> =>
    await makeClip(directory, name, [...picture(2), ...tone(2), ...h264, ...aac, ...plain.slice(0, -2), ...more, '-f', 'mp4']);

  test('is recognised if it is intact, upright and without metadata, and not otherwise', async () => {
    expect(await check(await whole('whole.mp4'))).toBeNull();
    expect(await check(await whole('whole.mp4'), 9)).toMatch(/Only 2\.\d of 9\.0 seconds/);
    expect(await check(await whole('named.mp4', ['-metadata', 'title=Somebody at home']))).toMatch(/it carries/);
    expect(await check(await whole('placed.mp4', ['-metadata', 'location=+52.1+004.3/', '-movflags', '+faststart+use_metadata_tags']))).toMatch(/it carries/);
    expect(await check(await whole('last.mp4', ['-movflags', '0']))).toMatch(/index lies at its end/);
    const file = await whole('turned.mp4');
    expect(await check(await turnClip(file, path.join(directory, 'turned-2.mp4')))).toMatch(/not upright/);
  });

  test('is not recognised if a piece of it is missing, or its tables contradict each other', async () => {
    const bytes = await readFile(await whole('cut.mp4'));
    const broken = async (name: string, change: (copy: Buffer) => Buffer): Promise<unknown> => {
      const file = path.join(directory, name);
      await writeFile(file, change(Buffer.from(bytes)));
      return await check(file);
    };
    expect(await broken('short.mp4', (copy) => copy.subarray(0, -1))).toMatch(/cannot be read/);
    const after = (copy: Buffer, type: string): number => copy.indexOf(type) + 4;
    expect(await broken('sizes.mp4', (copy) => (copy.writeUInt32BE(copy.readUInt32BE(after(copy, 'stsz') + 8) - 1, after(copy, 'stsz') + 8), copy))).toMatch(
      /cannot be read/,
    );
    expect(await broken('offsets.mp4', (copy) => (copy.writeUInt32BE(0xff_ff_ff, after(copy, 'stco') + 8), copy))).toMatch(/cannot be read/);
  });
});
