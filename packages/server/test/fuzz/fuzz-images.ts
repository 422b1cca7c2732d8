import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { errorCodes } from '@safelight/contract/errors';
import { SafelightError } from '../../src/lib/errors.ts';
import { openDecoderPool } from '../../src/processing/image/decoder-pool.ts';
import type { ImageJob } from '../../src/processing/image-rules.ts';
import { compareDeclaredType } from '../../src/filetypes/compare-declared-type.ts';
import { sniffType } from '../../src/filetypes/sniff.ts';
import { mutate, randomOf } from './mutate.ts';
import { seedPictures } from './seed-pictures.ts';

export type FuzzOptions = {
  count: number;
  seed: number;
  from?: number;
  /** No case begins after this many seconds. */
  seconds?: number;
  size?: number;
  onCase?: (done: number) => void;
};

export type FuzzReport = {
  cases: number;
  seeds: number;
  /** How often each outcome occurred: `accepted` or a code. */
  verdicts: Record<string, number>;
  /** Cases in which a decoder process died or had to be killed; it affected only its own picture. */
  decodersLost: number[];
  /** Cases with an answer that no sender should get, and the files that caused them. */
  faults: { nth: number; what: string; file: string }[];
  slowest: { nth: number; ms: number };
  /** Growth of this process's resident memory after the first tenth, in bytes. */
  rssGrowth: number;
  /** Growth of open descriptors of this process over the same period, if the system can tell. */
  descriptorGrowth: number;
  /** Files, processes and memory reservations that outlived their case. */
  leftovers: string[];
};

/** Acceptable answers for a picture; any other is a bug of ours. */
const fair = new Set([
  'corrupt_media',
  'unsupported_type',
  'unsupported_codec',
  'too_many_pixels',
  'too_many_frames',
  'too_small',
  'aspect_ratio_out_of_range',
  'resource_limit',
  'empty_file',
]);

/** Decodes `count` damaged pictures and reports the outcomes. The same seed gives the same files. */
export async function fuzzImages({ count, seed, from = 0, seconds = Number.POSITIVE_INFINITY, size = 2, onCase }: FuzzOptions): Promise<FuzzReport> {
  const seeds = await seedPictures();
  const directory = await mkdtemp(join(tmpdir(), 'safelight-fuzz-'));
  const kept = join(tmpdir(), 'safelight-fuzz-faults');
  const report: FuzzReport = {
    cases: 0,
    seeds: seeds.length,
    verdicts: {},
    decodersLost: [],
    faults: [],
    slowest: { nth: -1, ms: 0 },
    rssGrowth: 0,
    descriptorGrowth: 0,
    leftovers: [],
  };
  let nth = from;
  let rssEarly = 0;
  let descriptorsEarly = 0;
  const until = performance.now() + seconds * 1000;
  const temporaryBefore = new Set(await readdir(tmpdir()));
  const pool = openDecoderPool({ size, memoryBudgetBytes: 800e6, deadlineMs: 10_000 });

  const decode = async (own: number): Promise<void> => {
    const random = randomOf(seed, own);
    const pick = () => seeds[Math.floor(random() * seeds.length)]?.bytes ?? Buffer.alloc(0);
    const bytes = mutate(pick(), pick(), random);
    const sourcePath = join(directory, String(own));
    await writeFile(sourcePath, bytes);
    const job: ImageJob = {
      sourcePath,
      limits: {
        acceptedTypes: ['image/*'],
        maxPixels: 10e6,
        maxFrames: 100,
        maxTotalPixels: 50e6,
        minWidth: 8,
        minHeight: 8,
        minAspectRatio: 0.05,
        maxAspectRatio: 20,
      },
      outputs: [
        { role: 'canonical', maxSide: 320, format: 'source', quality: 80, animated: true },
        { role: 'thumbnail', maxSide: 100, format: 'webp', quality: 80, effort: 0, animated: false },
      ],
      blur: true,
    };
    const began = performance.now();
    let verdict: string;
    let what = '';
    try {
      compareDeclaredType(sniffType(bytes), { contentType: 'image/jpeg', fileName: 'a.jpg' }, ['image/jpeg']);
      let outputs = 0;
      const facts = await pool.run(job, { signal: AbortSignal.timeout(60_000), onOutput: async (output) => void (output.bytes.length > 0 && outputs++) });
      verdict = 'accepted';
      if (outputs !== 2 || facts.blurDataURL === null) what = `accepted with ${outputs} outputs`;
    } catch (error) {
      verdict = error instanceof SafelightError ? error.code : 'unexpected';
      if (!fair.has(verdict) || !(verdict in errorCodes))
        what = `${verdict}: ${String(error)} ${error instanceof SafelightError ? JSON.stringify(error.context) : ''}`;
      else if (error instanceof SafelightError && /no decoder survives|was stopped before|took longer|more memory than it announced/.test(error.detail))
        report.decodersLost.push(own);
    }
    const ms = performance.now() - began;
    report.verdicts[verdict] = (report.verdicts[verdict] ?? 0) + 1;
    if (ms > report.slowest.ms) report.slowest = { nth: own, ms: Math.round(ms) };
    if (what !== '') {
      await mkdir(kept, { recursive: true });
      const file = join(kept, `${seed}-${own}`);
      await writeFile(file, bytes);
      report.faults.push({ nth: own, what, file });
    }
    await rm(sourcePath);
    report.cases++;
    if (report.cases === settledAfter) {
      rssEarly = process.memoryUsage.rss();
      descriptorsEarly = openDescriptors();
    }
    onCase?.(report.cases);
  };

  const lane = async (): Promise<void> => {
    while (nth < from + count && performance.now() < until) await decode(nth++);
  };
  try {
    // All lanes end before anything is cleaned up, even if one of them failed.
    const ended = await Promise.allSettled(Array.from({ length: size * 2 }, lane));
    for (const end of ended) if (end.status === 'rejected') throw end.reason;
    if (report.cases > settledAfter) {
      report.rssGrowth = process.memoryUsage.rss() - rssEarly;
      report.descriptorGrowth = openDescriptors() - descriptorsEarly;
    }
    const { decoders, waiting, reservedBytes } = pool.status();
    if (waiting > 0 || reservedBytes > 0 || decoders.length > size) report.leftovers.push(`pool: ${JSON.stringify(pool.status())}`);
  } finally {
    await pool.close();
    report.leftovers.push(...(await readdir(directory)), ...ownChildren());
    await rm(directory, { recursive: true, force: true });
    // Decoders are told to write nowhere; if they did, it would be to the temporary directory.
    const temporary = (await readdir(tmpdir())).filter((name) => !temporaryBefore.has(name) && /^(vips|sharp|magick|heif)/.test(name));
    report.leftovers.push(...temporary);
  }
  return report;
}

/** Cases until everything is loaded and compiled. */
const settledAfter = 200;

/** Zero if the system cannot tell. */
function openDescriptors(): number {
  return process.platform === 'linux' ? readdirSync('/proc/self/fd').length : 0;
}

function ownChildren(): string[] {
  if (process.platform !== 'linux') return [];
  return readFileSync(`/proc/self/task/${process.pid}/children`, 'latin1')
    .split(' ')
    .filter((pid) => pid !== '')
    .map((pid) => `process ${pid}`);
}
