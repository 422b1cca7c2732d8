import { spawnSync } from 'node:child_process';
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, test } from 'vitest';

import { engines, h264, makeClip, picture, recordingCollection, recordingContext, recordingRules, tone, whyNoFfmpeg } from '../../test/support/recordings.ts';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { testDecoders } from '../../test/support/test-decoders.ts';
import { withRecording } from './make-recording.ts';

const decoders = testDecoders();
const directory = await temporaryDirectory();
const why = whyNoFfmpeg() ?? (spawnSync('strace', ['-V']).error === undefined ? null : 'strace is not installed: apt-get install strace');

/** Wrappers around the real programs that record every file that they open and every connection that they attempt. */
async function traced(name: string): Promise<{ program: (tool: string) => string; calls(): Promise<string> }> {
  const folder = path.join(directory, name);
  await mkdir(folder);
  for (const tool of ['ffmpeg', 'ffprobe']) {
    const script = `#!/bin/sh\nexec strace -f -qq -e trace=open,openat,connect,socket -o ${folder}/$$.trace ${tool} "$@"\n`;
    await writeFile(path.join(folder, tool), script);
    await chmod(path.join(folder, tool), 0o755);
  }
  return {
    program: (tool) => path.join(folder, tool),
    async calls() {
      const files = (await readdir(folder)).filter((file) => file.endsWith('.trace'));
      return (await Promise.all(files.map(async (file) => await readFile(path.join(folder, file), 'utf8')))).join('\n');
    },
  };
}

const canary = '/etc/passwd';
const address = 'http://127.0.0.1:9/ssrf-canary';
const containers: [string, string, string][] = [
  ['a concat script with an absolute path', 'video/mp4', `ffconcat version 1.0\nfile ${canary}\n`],
  ['a concat script with a sibling', 'video/mp4', 'ffconcat version 1.0\nfile sibling.mp4\n'],
  ['an HLS playlist', 'video/mp4', `#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:1.0,\nfile://${canary}\n#EXTINF:1.0,\n${address}\n#EXT-X-ENDLIST\n`],
  [
    'a DASH manifest',
    'video/webm',
    `<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static" mediaPresentationDuration="PT1S"><Period><AdaptationSet mimeType="video/mp4"><Representation id="1" bandwidth="1"><BaseURL>${address}</BaseURL></Representation></AdaptationSet></Period></MPD>`,
  ],
];

/** A whole file, and the part of it that has arrived. */
async function cutShort(name: string, args: readonly string[], part: number): Promise<Buffer> {
  const whole = await readFile(await makeClip(directory, name, args));
  return whole.subarray(0, Math.round(whole.length * part));
}
const cut: [string, string, () => Promise<Buffer>][] = [
  ['a clip whose frames end in the middle', 'video/mp4', async () => await cutShort('mdat.mp4', [...picture(2), ...h264, '-movflags', '+faststart'], 0.6)],
  ['a Matroska file that ends in the middle', 'video/x-matroska', async () => await cutShort('half.mkv', [...picture(3), ...h264], 0.5)],
  ['a FLAC that ends in the middle', 'audio/flac', async () => await cutShort('half.flac', [...tone(4), '-c:a', 'flac'], 0.5)],
];
const hostile = [...containers.map(([what, mimeType, content]) => [what, mimeType, async () => await Promise.resolve(Buffer.from(content))] as const), ...cut];

describe.skipIf(why !== null)(`containers that name other files, or end too soon${why === null ? '' : ` (${why})`}`, () => {
  test.each(hostile)('%s is refused, and neither a file nor a connection beyond the work was asked for', async (what, mimeType, content) => {
    const { engine } = await engines.find();
    if (engine === null) throw new Error('there is no engine');
    const watch = await traced(what.replaceAll(' ', '-'));
    await makeClip(directory, 'sibling.mp4', [...picture(1), ...h264]);
    const file = path.join(directory, `${what.replaceAll(' ', '-')}.bin`);
    await writeFile(file, await content());
    // Without the network sandbox, because the attempts themselves are what the test looks at.
    const watched = { ...engine, ffmpeg: watch.program('ffmpeg'), ffprobe: watch.program('ffprobe'), sandbox: 'none' as const };
    const ctx = {
      ...recordingContext(decoders),
      site: { ...recordingContext(decoders).site, engines: { find: async () => await Promise.resolve({ engine: watched, reason: null }) } },
    };
    const input = { file, collection: recordingCollection(), rules: recordingRules, mimeType, focalPoint: null, digitalSource: null };
    await expect(withRecording(ctx, input, async () => await Promise.resolve())).rejects.toMatchObject({ code: 'corrupt_media' });
    const calls = await watch.calls();
    // It did open the file that it was given.
    expect(calls).toMatch(/openat\([^"]*"in"/);
    expect(calls).not.toMatch(/connect\(|AF_INET/);
    expect(calls).not.toContain('sibling.mp4');
    expect(calls).not.toContain(`"${canary}"`);
  });
});
