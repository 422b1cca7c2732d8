import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readdir, readFile, readlink, stat, writeFile } from 'node:fs/promises';
import { availableParallelism, getPriority } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { describe, expect, onTestFinished, test } from 'vitest';

import { engines, h264, makeClip, picture, whyNoFfmpeg } from '../../../test/support/recordings.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import { inputOf } from './arguments.ts';
import { workLimits } from './bench.ts';
import { cpusIn, encoderCpus } from './encoder-cpus.ts';
import type { Engine } from './engine.ts';
import { EngineRefusal, runEngine, type EngineLimits } from './run-engine.ts';
import type { TrackScan } from './scan-packets.ts';
import { withJobDirectory } from './with-job-directory.ts';

const why = whyNoFfmpeg() ?? (spawnSync('prlimit', ['--version']).error === undefined ? null : 'prlimit is not installed: apt-get install util-linux');
const root = await temporaryDirectory();
const plenty: EngineLimits = { cpuSeconds: 60, fileBytes: 1 << 26, memoryBytes: 1 << 30 };

async function engineHere(): Promise<Engine> {
  const { engine } = await engines.find();
  if (engine === null) throw new Error('there is no engine');
  return engine;
}

/** A directory of its own, in which a program stands for ffmpeg that does what a script says. */
async function scripted(script: string): Promise<{ engine: Engine; directory: string }> {
  const directory = path.join(root, Math.random().toString(36).slice(2));
  await mkdir(directory);
  const file = path.join(directory, 'program');
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
  return { engine: { ...(await engineHere()), ffmpeg: file }, directory };
}

type Run = { engine: Engine; directory: string; args?: readonly string[]; limits?: Partial<EngineLimits>; signal?: AbortSignal };
const run = async ({ engine, directory, args = [], limits = {}, signal = new AbortController().signal }: Run): Promise<unknown> =>
  await runEngine(engine, { program: 'ffmpeg', args, directory, limits: { ...plenty, ...limits }, signal });

/** What the program itself finds under /proc. */
async function seenBy(name: string): Promise<string> {
  const { engine, directory } = await scripted(`cat /proc/$$/${name} > seen`);
  await run({ engine, directory });
  return await readFile(path.join(directory, 'seen'), 'latin1');
}
/** A field of its `stat`, counted as in the manual of proc. */
async function statField(nth: number): Promise<number> {
  const seen = await seenBy('stat');
  return Number(seen.slice(seen.lastIndexOf(') ') + 2).split(' ')[nth - 3]);
}

async function untilGone(pid: number): Promise<void> {
  for (;;) {
    const state = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => null);
    if (state === null || state.includes(') Z ')) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

const endless = ['-nostdin', '-v', 'error', '-y', '-f', 'lavfi', '-i', 'testsrc2=s=1280x720:r=30'];

describe.skipIf(why !== null)(`what ffmpeg may do while it reads a file of somebody else${why === null ? '' : ` (${why})`}`, () => {
  test('it ends with the process that started it, even if that one is killed', async () => {
    const { directory } = await scripted('echo $$; exec sleep 600');
    const script = fileURLToPath(new URL('../../../test/support/orphaned-engine.ts', import.meta.url));
    const parent = spawn(process.execPath, ['--conditions=safelight-source', script, directory], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [pid] = (await once(createInterface(parent.stdout), 'line')) as [string];
    parent.kill('SIGKILL');
    await untilGone(Number(pid));
  });

  test.skipIf(availableParallelism() < 2)('it leaves a processor to those who answer, unless there is more to do than the others hold', async () => {
    const { engine, directory } = await scripted('grep Cpus_allowed_list /proc/$$/status >> seen; while [ ! -e go ]; do sleep 0.02; done');
    const count = encoderCpus()?.count ?? 0;
    expect(engine.leavesCpu).toBe(true);
    const seen = async (): Promise<number[]> => {
      const lines = await readFile(path.join(directory, 'seen'), 'latin1').catch(() => '');
      return [...lines.matchAll(/:\s*(\S+)/g)].map(([, list = '']) => cpusIn(list).length);
    };
    // Each has a thread for every processor but one.
    const first = run({ engine: { ...engine, threads: count }, directory });
    await expect.poll(seen).toEqual([count]);
    const second = run({ engine: { ...engine, threads: count }, directory });
    await expect.poll(seen).toEqual([count, count + 1]);
    await writeFile(path.join(directory, 'go'), '');
    await Promise.all([first, second]);
  });

  test('processors that were taken away before it started are no fault of the file: it is tried again', async () => {
    const said = 'taskset: failed to set pid 7’s affinity: Invalid argument';
    await expect(run(await scripted(`echo "${said}" >&2; exit 1`))).rejects.toMatchObject({ code: 'unavailable' });
  });

  test.each<[string, RegExp]>([
    ['four gibibytes of address space', /^Max address space +4294967296 +4294967296 /m],
    ['files of the size that it is told', /^Max file size +67108864 +67108864 /m],
    ['64 open files', /^Max open files +64 +64 /m],
    ['no core file', /^Max core file size +0 +0 /m],
    ['the processor time that it is told', /^Max cpu time +60 +60 /m],
  ])('the system grants it %s', async (_what, line) => {
    expect(await seenBy('limits')).toMatch(line);
  });

  test('a full disk is the machine’s fault and passes: the file is not called damaged', async () => {
    const engine = await engineHere();
    for (const output of [
      ['-c:v', 'libx264', '-f', 'mp4'],
      ['-c:v', 'png', '-frames:v', '1', '-f', 'image2', '-update', '1'],
    ]) {
      const failure = await run({ engine, directory: root, args: [...endless, '-t', '1', ...output, 'file:/dev/full'] }).catch((error: unknown) => error);
      expect(failure).toMatchObject({ code: 'unavailable', retryable: true, message: expect.stringMatching(/disk.*full/) as string });
    }
  });

  test.each(['KILL', 'TERM'])('a program that is ended from outside by SIG%s says nothing about the file either', async (signal) => {
    await expect(run(await scripted(`kill -${signal} $$`))).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  });

  test('a program that crashes has met a damaged file', async () => {
    await expect(run(await scripted('kill -SEGV $$'))).rejects.toBeInstanceOf(EngineRefusal);
  });

  test('an address space beyond four gibibytes is refused, and a smaller one is not', async () => {
    const { engine, directory } = await scripted('for size; do :; done; exec dd if=/dev/null of=/dev/null bs="$size" count=1');
    await expect(run({ engine, directory, args: ['1M'] })).resolves.toBeDefined();
    await expect(run({ engine, directory, args: ['5G'] })).rejects.toThrow(/memory exhausted/);
  });

  test('more than 64 open files are refused', async () => {
    const engine = await engineHere();
    const clip = await makeClip(root, 'open.mp4', [...picture(0.1, '64x64'), ...h264]);
    await withJobDirectory(clip, async (directory) => {
      const open = (count: number): string[] => [...Array.from({ length: count }, () => inputOf('mov')).flat(), '-map', '0', '-f', 'null', '-'];
      await expect(run({ engine, directory, args: open(2) })).resolves.toBeDefined();
      await expect(run({ engine, directory, args: open(70) })).rejects.toThrow(/Too many open files/);
    });
  });

  test.each<[string, string[], Partial<EngineLimits>]>([
    ['writes a larger file than it may', [...endless, '-f', 'rawvideo', 'file:out'], { fileBytes: 1 << 21 }],
    ['takes more processor time than it may', [...endless, '-f', 'null', '-'], { cpuSeconds: 1 }],
    ['grows larger than it may', [...endless, '-vf', 'reverse', '-f', 'null', '-'], { memoryBytes: 200 << 20 }],
  ])('one that %s is ended as too much', async (_what, args, limits) => {
    const { directory } = await scripted('');
    await expect(run({ engine: await engineHere(), directory, args, limits })).rejects.toMatchObject({ code: 'resource_limit' });
  });

  test('one that reports nothing for a minute is ended as too much, and one that reports its progress is not', async () => {
    for (const script of ['exec sleep 1000', 'while :; do :; done']) {
      const stalled = run({ ...(await scripted(script)), limits: { silentMs: 300 } });
      await expect(stalled).rejects.toMatchObject({ code: 'resource_limit', message: expect.stringMatching(/nothing happened/) as string });
    }
    const slow = await scripted('for at in 1 2 3 4 5 6 7 8; do echo "out_time_us=$at" >&3; sleep 0.5; done');
    await expect(run({ ...slow, limits: { silentMs: 3000 } })).resolves.toBeDefined();
  });

  test('it has a group of its own, and all of the group ends with it', async () => {
    expect(await statField(5)).not.toBe(Number((await readFile('/proc/self/stat', 'latin1')).split(') ')[1]?.split(' ')[2]));
    const { engine, directory } = await scripted('sleep 1000 & echo $! > written && mv written child; wait');
    const cancel = new AbortController();
    const reason = new Error('cancelled');
    const ended = run({ engine, directory, signal: cancel.signal }).catch((error: unknown) => error);
    let child = '';
    while (child === '') child = await readFile(path.join(directory, 'child'), 'latin1').catch(() => '');
    cancel.abort(reason);
    expect(await ended).toBe(reason);
    await untilGone(Number(child));
  });

  test('it comes after other work, within its session and as a session', async () => {
    // These tests may have a lower priority themselves; there is none below 19.
    expect(await statField(19)).toBe(Math.min(19, getPriority() + 10));
    const { engine, directory } = await scripted('until grep -q "nice 10" /proc/$$/autogroup; do sleep 0.05; done');
    const hasGroups = await stat('/proc/self/autogroup').then(
      () => true,
      () => false,
    );
    if (hasGroups) await expect(run({ engine, directory })).resolves.toBeDefined();
  });

  test('its environment is the path and one setting of memory, whatever ours is', async () => {
    const lines = (await seenBy('environ')).split('\0').filter((line) => line !== '');
    expect(new Set(lines.map((line) => line.replace(/=.*/s, '')))).toEqual(new Set(['PATH', 'MALLOC_ARENA_MAX']));
    expect(Object.keys(process.env).length).toBeGreaterThan(2);
  });

  test('it works in a directory that only we can read, where the file has our name, and which is gone afterwards', async () => {
    const file = path.join(root, "a user's name; rm -rf.mp4");
    await writeFile(file, 'bytes');
    const directory = await withJobDirectory(file, async (made) => {
      expect(await readdir(made)).toEqual(['in']);
      expect(await readlink(path.join(made, 'in'))).toBe(file);
      expect((await stat(made)).mode & 0o777).toBe(0o700);
      const { engine } = await scripted('pwd > where');
      await run({ engine, directory: made });
      expect((await readFile(path.join(made, 'where'), 'utf8')).trim()).toBe(made);
      return made;
    });
    await expect(stat(directory)).rejects.toMatchObject({ code: 'ENOENT' });
    expect(inputOf('mov').join(' ')).toMatch(/ -protocol_whitelist file,pipe -format_whitelist mov .* -i file:in$/);
  });

  test('it has no network where the system can take it away', async ({ skip }) => {
    const { engine, directory } = await scripted('readlink /proc/$$/ns/net > net; cat /proc/net/dev > devices');
    skip(engine.sandbox !== 'unshare', 'unshare -n is refused on this machine');
    const ours = await readlink('/proc/self/ns/net');
    const seen = async (as: Engine['sandbox']): Promise<string> => {
      await run({ engine: { ...engine, sandbox: as }, directory });
      return (await readFile(path.join(directory, 'net'), 'utf8')).trim();
    };
    expect(await seen('none')).toBe(ours);
    expect(await seen('unshare')).not.toBe(ours);
    const devices = (await readFile(path.join(directory, 'devices'), 'utf8')).match(/^ *[\w.]+(?=:)/gm);
    expect(devices?.map((name) => name.trim())).toEqual(['lo']);
  });

  test('a damaged file is a refusal of the program, not a limit', async () => {
    const { engine, directory } = await scripted('echo "moov atom not found" >&2; exit 1');
    await expect(run({ engine, directory })).rejects.toBeInstanceOf(EngineRefusal);
  });
});

describe('the limits of a recording', () => {
  const scan: TrackScan = {
    packets: 1,
    bytes: 0,
    start: 0,
    end: 1,
    lastDuration: null,
    largestGap: 0,
    keyframeGap: 0,
    dropped: 0,
    droppedSeconds: 0,
    isMonotonic: true,
  };
  const of = (seconds: number, bytes: number, width = 1920, height = 1080): EngineLimits =>
    workLimits({ seconds, video: { upright: { width, height } } as Parameters<typeof workLimits>[0]['video'], videoScan: { ...scan, bytes }, audioScan: null });

  test.each<[string, EngineLimits, EngineLimits]>([
    ['a minute of Full HD', of(60, 60e6), { cpuSeconds: 1260, fileBytes: 120e6 + (64 << 20), memoryBytes: 1 << 30 }],
    ['an upright minute of it', of(60, 60e6, 1080, 1920), { cpuSeconds: 1260, fileBytes: 120e6 + (64 << 20), memoryBytes: 1 << 30 }],
    ['a second of 4K', of(1, 1e6, 3840, 2160), { cpuSeconds: 80, fileBytes: 2e6 + (64 << 20), memoryBytes: 2 * 2 ** 30 }],
    ['a moment', of(0, 0, 64, 64), { cpuSeconds: 60, fileBytes: 64 << 20, memoryBytes: 1 << 30 }],
  ])('%s: a minute and twenty times its length of processor time, twice its size and 64 MiB, one gibibyte or two', (_what, limits, expected) => {
    expect(limits).toEqual(expected);
  });
});
