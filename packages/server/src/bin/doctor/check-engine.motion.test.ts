import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { describe, expect, onTestFinished, test } from 'vitest';

import { findWasmCore } from '../../processing/engine/wasm-command.ts';
import { whyNoFfmpeg } from '../../../test/support/recordings.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { checkEngine } from './check-engine.ts';
import type { Finding } from './finding.ts';

const why = whyNoFfmpeg();
const directory = await temporaryDirectory();
const anything = expect.any(String) as string;

/** A shell script in place of one of the two programs; `$@` are its arguments. */
async function program(name: string, script: string): Promise<string> {
  const file = path.join(directory, name);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}
const check = async (ffmpeg: string | null, ffprobe: string | null): Promise<Finding[]> =>
  await checkEngine({ engine: { ffmpeg, ffprobe, sandbox: 'auto', threads: 1, concurrency: null } }, { signal: new AbortController().signal });
/** The real one, except that it does not list the feature of this name. */
const without = async (what: string): Promise<string> =>
  await program(`without-${what}`, `case "$*" in *-encoders|*-decoders|*-codecs|*-filters) ffmpeg "$@" | grep -v ' ${what} ';; *) exec ffmpeg "$@";; esac`);

describe('doctor on video and sound', () => {
  test.skipIf(why !== null)(`tries a second of everything on the ffmpeg of the machine${why === null ? '' : ` (${why})`}`, async () => {
    const [first] = await check(null, null);
    expect(first).toMatchObject({
      check: 'ffmpeg',
      result: 'ok',
      detail: expect.stringMatching(/^ffmpeg, \d.*, native; sandbox.*encoded, remuxed.*playlist refused/) as string,
    });
  });

  test('says that a configured ffmpeg is none, what that means, and which settings to mend: nothing that is installed beside would be used', async () => {
    const [only, ...others] = await check('/nowhere/ffmpeg', '/nowhere/ffprobe');
    expect(others).toEqual([]);
    expect(only).toMatchObject({
      result: 'warning',
      detail: expect.stringMatching(
        /^no ffmpeg where FFMPEG_PATH says and no ffprobe where FFPROBE_PATH says: .*cannot be processed \(engine_missing\)/,
      ) as string,
      fix: expect.stringMatching(/^Let FFMPEG_PATH and FFPROBE_PATH name/) as string,
    });
  });

  test.skipIf(why !== null)(`says which of the two is missing${why === null ? '' : ` (${why})`}`, async () => {
    const [only] = await check('ffmpeg', '/nowhere/ffprobe');
    expect(only?.detail).toMatch(/^no ffprobe where FFPROBE_PATH says/);
  });

  test('says that one is too old', async () => {
    const old = await program('old', 'echo "ffmpeg version 4.4.2-0ubuntu0.22.04.1 Copyright (c) 2000-2021 the FFmpeg developers"');
    const [only] = await check(old, old);
    expect(only).toMatchObject({ result: 'warning', detail: expect.stringMatching(/^ffmpeg 4\.4\.2\S+ is too old; at least 5\.1 is needed/) as string });
  });

  test.skipIf(why !== null).each([
    ['libx264', /^the ffmpeg on this machine was built without libx264: video and audio cannot be processed/],
    ['ebur128', /^the ffmpeg on this machine was built without ebur128/],
  ])(`refuses one that was built without %s, which everything needs${why === null ? '' : ` (${why})`}`, async (what, said) => {
    const [only] = await check(await without(what), 'ffprobe');
    expect(only).toMatchObject({ result: 'warning', detail: expect.stringMatching(said) as string });
  });

  test.skipIf(why !== null).each([
    ['zscale', /high dynamic range are refused/],
    ['libopus', /audio\.codec "opus"/],
    ['hevc', /videos of phones are refused/],
  ])(`takes one without %s, and says what that means${why === null ? '' : ` (${why})`}`, async (what, said) => {
    const [first, ...doubts] = await check(await without(what), 'ffprobe');
    expect(first).toMatchObject({ result: 'ok' });
    expect(doubts).toContainEqual({ check: 'ffmpeg', result: 'warning', detail: expect.stringMatching(said) as string, fix: anything });
  });

  test.skipIf(why !== null)(`finds one broken that follows playlists, and one that encodes nothing${why === null ? '' : ` (${why})`}`, async () => {
    const script =
      'for word; do shift; if [ "$skip" = 1 ]; then skip=0; elif [ "$word" = -format_whitelist ]; then skip=1; else set -- "$@" "$word"; fi; done; exec ffmpeg "$@"';
    const [following] = await check(await program('following', script), 'ffprobe');
    expect(following).toMatchObject({
      result: 'failed',
      detail: expect.stringMatching(/follows a playlist/) as string,
      fix: expect.stringMatching(/FFMPEG_PATH/) as string,
    });
    const [dead] = await check(await program('dead', 'case "$*" in *libx264*) echo "no such luck" >&2; exit 1;; esac; exec ffmpeg "$@"'), 'ffprobe');
    expect(dead).toMatchObject({ result: 'failed', detail: expect.stringMatching(/no such luck/) as string });
  });

  test.skipIf(why !== null || findWasmCore() === null)(
    `says why @ffmpeg/core stands in for one that is too old${why === null ? '' : ` (${why})`}`,
    async () => {
      const bare = path.join(directory, 'bare');
      await mkdir(bare);
      for (const name of ['nice', 'unshare', 'prlimit', 'sh']) await symlink(`/usr/bin/${name}`, path.join(bare, name));
      const old = await program('old-too', 'echo "ffmpeg version 4.2.7"');
      for (const name of ['ffmpeg', 'ffprobe']) await symlink(old, path.join(bare, name));
      const before = process.env['PATH'];
      onTestFinished(() => void (process.env['PATH'] = before));
      process.env['PATH'] = bare;
      const findings = await check(null, null);
      expect(findings[1]?.detail).toMatch(/^ffmpeg 4\.2\.7 is too old.*@ffmpeg\/core stands in.*64 MiB/);
    },
  );
});
