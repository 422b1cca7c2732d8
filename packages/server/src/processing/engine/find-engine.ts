import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import type { Engine, EngineLookUp, Engines } from './engine.ts';

/** Older ones lack filters and switches that the command lines need. */
const leastVersion = [5, 1] as const;
const neededEncoders = ['libx264', 'aac'] as const;
const neededFilters = ['scale', 'signalstats', 'metadata', 'ebur128'] as const;

/** Null: the program of that name on the PATH. */
type Programs = { ffmpeg: string | null; ffprobe: string | null };

/** Looks once and keeps what it found; while there is nothing, everybody who asks has it looked for again. */
export function openEngines(programs: Programs): Engines {
  let found: Promise<EngineLookUp> | null = null;
  return {
    async find() {
      const looking = (found ??= findEngine(programs));
      const result = await looking;
      if (result.engine === null && found === looking) found = null;
      return result;
    },
  };
}

async function findEngine(programs: Programs): Promise<EngineLookUp> {
  const ffmpeg = programs.ffmpeg ?? 'ffmpeg';
  const ffprobe = programs.ffprobe ?? 'ffprobe';
  const [banner, probeBanner] = await Promise.all([answerOf(ffmpeg, ['-version']), answerOf(ffprobe, ['-version'])]);
  const missing = [banner === null ? 'ffmpeg' : null, probeBanner === null ? 'ffprobe' : null].filter((name) => name !== null);
  if (banner === null || missing.length > 0) return { engine: null, reason: `no ${missing.join(' and no ')} on this machine` };
  const version = /version (\S+)/.exec(banner)?.[1] ?? 'unknown';
  if (isOlder(version)) return { engine: null, reason: `ffmpeg ${version} is too old; at least ${leastVersion.join('.')} is needed` };

  const [codecs, encoders, filters, unshare, prlimit, nice] = await Promise.all([
    answerOf(ffmpeg, ['-hide_banner', '-codecs']),
    answerOf(ffmpeg, ['-hide_banner', '-encoders']),
    answerOf(ffmpeg, ['-hide_banner', '-filters']),
    answerOf('unshare', ['-n', ffprobe, '-version']),
    answerOf('prlimit', ['--core=0', '--nofile=64', ffprobe, '-version']),
    answerOf('nice', ['-n', '10', ffprobe, '-version']),
  ]);
  const engine: Engine = {
    ffmpeg,
    ffprobe,
    version,
    decodes: namesIn(codecs, /^ D\S{5} (\S+)/),
    encoders: namesIn(encoders, /^ [VAS]\S{5} (\S+)/),
    filters: namesIn(filters, /^ \S{3} (\S+)/),
    sandbox: unshare === null ? 'none' : 'unshare',
    hasLimits: prlimit !== null,
    isNice: nice !== null,
  };
  const lacking = [...neededEncoders.filter((name) => !engine.encoders.has(name)), ...neededFilters.filter((name) => !engine.filters.has(name))];
  if (lacking.length > 0) return { engine: null, reason: `the ffmpeg on this machine was built without ${lacking.join(', ')}` };
  return { engine, reason: null };
}

/** A version without numbers is a build of the day, and so a new one. */
function isOlder(version: string): boolean {
  const [major, minor] = /^n?(\d+)\.(\d+)/.exec(version)?.slice(1).map(Number) ?? [];
  if (major === undefined || minor === undefined) return false;
  return major < leastVersion[0] || (major === leastVersion[0] && minor < leastVersion[1]);
}

function namesIn(listing: string | null, line: RegExp): ReadonlySet<string> {
  const names = (listing ?? '').split('\n').map((text) => line.exec(text)?.[1]);
  return new Set(names.filter((name) => name !== undefined));
}

/** What a program of this machine prints; null when it cannot be run. */
async function answerOf(file: string, args: string[]): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(file, args, { timeout: 20_000, maxBuffer: 4 << 20 });
    return stdout;
  } catch {
    return null;
  }
}
