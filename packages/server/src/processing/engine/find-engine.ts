import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';

import { encoderCpus } from './encoder-cpus.ts';
import type { Engine, EngineLookUp, EngineSettings, Engines } from './engine.ts';
import { patienceMs } from '../../lib/patience.ts';
import { findWasmCore } from './wasm-command.ts';
import { wordsOf } from './words-of.ts';

/** Older versions lack filters and options that the command lines need. */
const leastVersion = [5, 1] as const;
const neededEncoders = ['libx264', 'aac', 'png', 'mjpeg'] as const;
const neededFilters =
  'scale setsar pad tile fps trim bwdif split signalstats metadata asplit asetnsamples ebur128 aresample aformat atrim afade loudnorm'.split(' ');

/** Searches once and keeps the result; while there is no engine, every call searches again. */
export function createEngines(settings: EngineSettings): Engines {
  let found: Promise<EngineLookUp> | null = null;
  return {
    async find() {
      const looking = (found ??= findEngine(settings));
      const result = await looking;
      if (result.engine === null && found === looking) found = null;
      return result;
    },
  };
}

/** The machine's ffmpeg; else, if no program was configured, the one that npm can install. */
async function findEngine(settings: EngineSettings): Promise<EngineLookUp> {
  const native = await lookAt({ mode: 'native', ffmpeg: settings.ffmpeg ?? 'ffmpeg', ffprobe: settings.ffprobe ?? 'ffprobe' }, settings);
  if (native.engine !== null || settings.ffmpeg !== null || settings.ffprobe !== null) return native;
  const core = findWasmCore();
  if (core === null) return { engine: null, reason: `${native.reason}, and no @ffmpeg/core beside Safelight` };
  const wasm = await lookAt({ mode: 'wasm', ffmpeg: core, ffprobe: core }, settings);
  if (wasm.engine === null) return { engine: null, reason: `${native.reason}, and of @ffmpeg/core: ${wasm.reason}` };
  return { engine: { ...wasm.engine, most: { bytes: 64 * 2 ** 20, seconds: 60, because: native.reason } }, reason: null };
}

async function lookAt(found: Pick<Engine, 'mode' | 'ffmpeg' | 'ffprobe'>, settings: EngineSettings): Promise<EngineLookUp> {
  const { sandbox, threads } = settings;
  const ask = async (program: 'ffmpeg' | 'ffprobe', ...args: string[]): Promise<string | null> => await answerOf(wordsOf(found, program, tmpdir()), args);
  const [banner, probeBanner] = await Promise.all([ask('ffmpeg', '-version'), ask('ffprobe', '-version')]);
  const missing = [banner === null ? ('ffmpeg' as const) : null, probeBanner === null ? ('ffprobe' as const) : null].filter((name) => name !== null);
  if (banner === null || missing.length > 0) return { engine: null, reason: whatIsMissing(missing, settings) };
  const version = /version (\S+)/.exec(banner)?.[1] ?? 'unknown';
  if (isOlder(version)) return { engine: null, reason: `ffmpeg ${version} is too old; at least ${leastVersion.join('.')} is needed` };

  const probe = [...wordsOf(found, 'ffprobe', tmpdir()), '-version'];
  const cpus = encoderCpus();
  const [codecs, decoders, encoders, filters, unshare, prlimit, nice, setpriv, taskset] = await Promise.all([
    ask('ffmpeg', '-hide_banner', '-codecs'),
    ask('ffmpeg', '-hide_banner', '-decoders'),
    ask('ffmpeg', '-hide_banner', '-encoders'),
    ask('ffmpeg', '-hide_banner', '-filters'),
    sandbox === 'off' ? null : answerOf(['unshare', '-n'], probe),
    answerOf(['prlimit', '--core=0', '--nofile=64'], probe),
    answerOf(['nice', '-n', '10'], probe),
    answerOf(['setpriv', '--pdeathsig', 'KILL'], probe),
    cpus === null ? null : answerOf(['taskset', '-c', cpus.list], probe),
  ]);
  if (sandbox === 'require' && unshare === null)
    return { engine: null, reason: 'ffmpeg cannot be run without network on this machine (unshare -n is refused), and engine.sandbox requires it' };
  const engine: Engine = {
    ...found,
    threads: found.mode === 'wasm' ? 1 : threads,
    version,
    decodes: decodesOf(namesIn(codecs, /^ D\S{5} (\S+)/), namesIn(decoders, /^ [VAS]\S{5} (\S+)/)),
    encoders: namesIn(encoders, /^ [VAS]\S{5} (\S+)/),
    filters: namesIn(filters, /^ \S{3} (\S+)/),
    most: null,
    sandbox: unshare === null ? 'none' : 'unshare',
    hasLimits: prlimit !== null,
    isNice: nice !== null,
    leavesCpu: taskset !== null,
    endsWithUs: setpriv !== null,
  };
  const lacking = [...neededEncoders.filter((name) => !engine.encoders.has(name)), ...neededFilters.filter((name) => !engine.filters.has(name))];
  if (lacking.length > 0) return { engine: null, reason: `the ffmpeg on this machine was built without ${lacking.join(', ')}` };
  return { engine, reason: null };
}

/** The operator learns that a setting is wrong; where it leads is nobody else's business. */
function whatIsMissing(missing: readonly ('ffmpeg' | 'ffprobe')[], settings: EngineSettings): string {
  const said = missing.map((name) => (settings[name] === null ? `no ${name} on this machine` : `no ${name} where ${name.toUpperCase()}_PATH says`));
  return said.join(' and ').replace('no ffmpeg on this machine and no', 'no ffmpeg and no');
}

/** ffmpeg's own AV1 decoder needs a graphics card; without one it is listed but does not work. */
function decodesOf(codecs: ReadonlySet<string>, decoders: ReadonlySet<string>): ReadonlySet<string> {
  const readsAv1 = ['libdav1d', 'libaom-av1', 'libgav1'].some((name) => decoders.has(name));
  return readsAv1 ? codecs : new Set([...codecs].filter((name) => name !== 'av1'));
}

/** A version without numbers is a nightly build, and therefore new. */
function isOlder(version: string): boolean {
  const [major, minor] = /^n?(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? [];
  if (major === undefined || minor === undefined) return false;
  return major < leastVersion[0] || (major === leastVersion[0] && minor < leastVersion[1]);
}

function namesIn(listing: string | null, line: RegExp): ReadonlySet<string> {
  const names = (listing ?? '').split('\n').map((text) => line.exec(text)?.[1]);
  return new Set(names.filter((name) => name !== undefined));
}

/** The output of a program; null when it cannot be run. */
async function answerOf(words: readonly string[], args: readonly string[]): Promise<string | null> {
  const [file = '', ...before] = words;
  try {
    const { stdout } = await promisify(execFile)(file, [...before, ...args], { timeout: patienceMs.engineVersion, maxBuffer: 4 << 20, cwd: tmpdir() });
    return stdout;
  } catch {
    return null;
  }
}
