import { spawn } from 'node:child_process';
import { getEventListeners, once } from 'node:events';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { photoLimits, photoLike, slowAnimation } from '../../../test/support/pictures.ts';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import type { ImageJob, ImageOutput } from '../image-rules.ts';
import { openDecoderPool, type DecoderPool, type DecoderPoolOptions } from './decoder-pool.ts';
import { SlowPicture } from './slow-pictures.ts';

const limits = photoLimits;
const never = new AbortController().signal;
const noOutput = async (): Promise<void> => {};

let directory: string;
let good: ImageJob;

beforeAll(async () => {
  directory = await temporaryDirectory();
  const photo = await photoLike(1200, 800);
  good = await jobOf('good.jpg', await sharp(photo.data, { raw: photo }).jpeg().toBuffer());
});

async function jobOf(name: string, bytes: Buffer): Promise<ImageJob> {
  const sourcePath = join(directory, name);
  await writeFile(sourcePath, bytes);
  const outputs = [1000, 600, 300, 100].map((maxSide) => ({ role: `at${maxSide}`, maxSide, format: 'webp' as const, quality: 80, animated: false }));
  return { sourcePath, limits, outputs, blur: true };
}

/** A separate pool for each test that breaks decoders; closed when the test ends. */
function openPool(own: Partial<DecoderPoolOptions> = {}): DecoderPool {
  const pool = openDecoderPool({ size: 1, memoryBudgetBytes: 1e9, deadlineMs: 20_000, ...own });
  onTestFinished(() => pool.close());
  return pool;
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const pidsOf = (pool: DecoderPool): number[] => pool.status().decoders.map(({ pid }) => pid);

/** Sends a signal to the decoder as soon as it has read the picture's header. */
const strike = (pool: DecoderPool, signal: NodeJS.Signals) => () => {
  for (const pid of pidsOf(pool)) process.kill(pid, signal);
};

describe('pictures are decoded in child processes', () => {
  let pool: DecoderPool;
  beforeAll(() => {
    pool = openDecoderPool({ size: 2, memoryBudgetBytes: 1e9, deadlineMs: 20_000 });
  });
  afterAll(() => pool.close());

  test('a picture becomes its outputs, from large to small, with its facts and its progress', async () => {
    const outputs: ImageOutput[] = [];
    const steps: string[] = [];
    const facts = await pool.run(good, { signal: never, onOutput: async (output) => void outputs.push(output), onProgress: (_, step) => steps.push(step) });
    expect(facts).toMatchObject({ mimeType: 'image/jpeg', width: 1200, height: 800, frames: 1, hasAlpha: false });
    expect(facts.blurDataURL).toMatch(/^data:image\/webp;base64,/);
    expect(outputs.map(({ role, width, height }) => [role, width, height])).toEqual([
      ['at1000', 1000, 667],
      ['at600', 600, 400],
      ['at300', 300, 200],
      ['at100', 100, 67],
    ]);
    for (const { bytes } of outputs) expect(Buffer.isBuffer(bytes)).toBe(true);
    expect(steps).toEqual(['header', 'decode', 'at1000', 'at600', 'at300', 'at100']);
  });

  test('many at once use no more processes than the pool has, and all arrive', async () => {
    await Promise.all(Array.from({ length: 12 }, () => pool.run(good, { signal: never, onOutput: noOutput })));
    expect(pool.status()).toMatchObject({ waiting: 0, reservedBytes: 0 });
    expect(pidsOf(pool).length).toBeLessThanOrEqual(2);
  });

  test('while one output is being stored the next is encoded, but not the one after it', async () => {
    const log: string[] = [];
    const { promise: isMade, resolve: made } = Promise.withResolvers<void>();
    await pool.run(good, {
      signal: never,
      onOutput: async ({ role }) => {
        // The store is slow with the first output: it waits until the decoder has reported that it continues with the next.
        if (role === 'at1000') await isMade;
        log.push(`stored ${role}`);
      },
      // Called when the next output may be handed over: at once for the first, after an output was stored for the second.
      onProgress: (_, step) => {
        log.push(`room after ${step}`);
        if (step === 'at1000') made();
      },
    });
    expect(log.indexOf('room after at1000')).toBeLessThan(log.indexOf('stored at1000'));
    expect(log.indexOf('room after at600')).toBeGreaterThan(log.indexOf('stored at1000'));
    expect(log.filter((entry) => entry.startsWith('stored'))).toEqual(['stored at1000', 'stored at600', 'stored at300', 'stored at100']);
  });

  test('a refusal comes from the header, before any output, and keeps the decoder in use', async () => {
    const pids = pidsOf(pool);
    const wide = await jobOf(
      'wide.png',
      await sharp({ create: { width: 4000, height: 20, channels: 3, background: '#888' } })
        .png()
        .toBuffer(),
    );
    let outputs = 0;
    const run = pool.run(wide, { signal: never, onOutput: async () => void outputs++ });
    await expect(run).rejects.toMatchObject({ code: 'aspect_ratio_out_of_range', retryable: false });
    expect(outputs).toBe(0);
    expect(pidsOf(pool)).toEqual(pids);
  });

  test('inspect reads only the header', async () => {
    const header = await pool.inspect(good.sourcePath, limits, { signal: never });
    expect(header).toMatchObject({ mimeType: 'image/jpeg', codec: 'jpeg', width: 1200, height: 800, orientation: 1, hasProfile: false });
    await expect(pool.inspect(good.sourcePath, { ...limits, maxPixels: 1000 }, { signal: never })).rejects.toMatchObject({ code: 'too_many_pixels' });
  });

  test('a missing source is our fault, not the sender’s', async () => {
    await expect(pool.run({ ...good, sourcePath: join(directory, 'nowhere') }, { signal: never, onOutput: noOutput })).rejects.toMatchObject({
      code: 'internal',
    });
  });

  test('reports what this machine can decode', async () => {
    const { types, missing } = await pool.capabilities({ signal: never });
    expect(types).toEqual(expect.arrayContaining(['image/jpeg', 'image/png', 'image/webp', 'image/gif', 'image/avif']));
    expect([...types, ...missing.map(({ type }) => type)]).toEqual(expect.arrayContaining(['image/heic', 'image/heif']));
  });
});

describe('a failing decoder affects one picture', () => {
  test('a crash counts as damaged media, once, and the next picture gets a new decoder', async () => {
    const pool = openPool();
    await pool.run(good, { signal: never, onOutput: noOutput });
    const [first] = pidsOf(pool);
    await expect(pool.run(good, { signal: never, onOutput: noOutput, onHeader: strike(pool, 'SIGSEGV') })).rejects.toMatchObject({
      code: 'corrupt_media',
      retryable: false,
    });
    await pool.run(good, { signal: never, onOutput: noOutput });
    expect(pidsOf(pool)).not.toContain(first);
    expect(pool.status()).toMatchObject({ waiting: 0, reservedBytes: 0 });
  });

  test('a kill from outside, as when memory runs out, is a resource limit', async () => {
    const pool = openPool();
    await expect(pool.run(good, { signal: never, onOutput: noOutput, onHeader: strike(pool, 'SIGKILL') })).rejects.toMatchObject({
      code: 'resource_limit',
      retryable: false,
    });
    await pool.run(good, { signal: never, onOutput: noOutput });
  });

  test('a hang ends at the deadline and frees the place', async () => {
    const pool = openPool({ deadlineMs: 1500 });
    let pid = 0;
    const onHeader = (): void => {
      pid = pidsOf(pool)[0] ?? 0;
      process.kill(pid, 'SIGSTOP');
    };
    await expect(pool.run(good, { signal: never, onOutput: noOutput, onHeader })).rejects.toMatchObject({ code: 'resource_limit' });
    expect(isAlive(pid)).toBe(false);
    await pool.run(good, { signal: never, onOutput: noOutput });
  });

  test('others continue in the meantime', async () => {
    const pool = openPool({ size: 2 });
    const hung = new AbortController();
    const { promise: isHung, resolve } = Promise.withResolvers<void>();
    const stuck = pool.run(good, {
      signal: hung.signal,
      onOutput: noOutput,
      onHeader: () => {
        strike(pool, 'SIGSTOP')();
        resolve();
      },
    });
    await isHung;
    await Promise.all(Array.from({ length: 4 }, () => pool.run(good, { signal: never, onOutput: noOutput })));
    hung.abort(new Error('enough'));
    await expect(stuck).rejects.toThrow('enough');
  });

  test.skipIf(process.platform !== 'linux')('memory beyond what the header announced ends it (Linux only)', async () => {
    const pool = openPool({ entry: new URL('../../../test/support/greedy-decoder.ts', import.meta.url) });
    await expect(pool.run(good, { signal: never, onOutput: noOutput })).rejects.toMatchObject({ code: 'resource_limit' });
  });

  test('a decoder that cannot start is our fault, and reported at once', async () => {
    const pool = openPool({ entry: new URL('./no-such-file.ts', import.meta.url) });
    await expect(pool.run(good, { signal: never, onOutput: noOutput })).rejects.toMatchObject({ code: 'internal' });
  });

  test('a decoder that is killed while it starts says nothing about the picture, which may be retried', async () => {
    const pool = openPool({ entry: new URL('../../../test/support/killed-decoder.ts', import.meta.url) });
    await expect(pool.run(good, { signal: never, onOutput: noOutput })).rejects.toMatchObject({ code: 'unavailable', retryable: true });
  });
});

describe('nothing is left behind', () => {
  test('an aborted run kills its decoder, releases its memory and ends with the reason', async () => {
    const pool = openPool();
    const controller = new AbortController();
    let pid = 0;
    const run = pool.run(good, {
      signal: controller.signal,
      onOutput: noOutput,
      onHeader: () => {
        pid = pidsOf(pool)[0] ?? 0;
        controller.abort(new Error('cancelled'));
      },
    });
    await expect(run).rejects.toThrow('cancelled');
    expect(isAlive(pid)).toBe(false);
    expect(pool.status()).toMatchObject({ decoders: [], waiting: 0, reservedBytes: 0 });
  });

  test('a signal that outlives many runs keeps nothing of them', async () => {
    const pool = openPool();
    const { signal } = new AbortController();
    for (let i = 0; i < 3; i++) await pool.run(good, { signal, onOutput: noOutput });
    await pool.capabilities({ signal });
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('a run that is aborted while it waits for a decoder leaves the queue', async () => {
    const pool = openPool();
    const controller = new AbortController();
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const { promise: stored, resolve: store } = Promise.withResolvers<void>();
    const first = pool.run(good, {
      signal: never,
      onOutput: async () => {
        begin();
        await stored;
      },
    });
    await begun;
    const second = pool.run(good, { signal: controller.signal, onOutput: noOutput });
    expect(pool.status().waiting).toBe(1);
    controller.abort(new Error('cancelled'));
    await expect(second).rejects.toThrow('cancelled');
    expect(pool.status().waiting).toBe(0);
    store();
    await first;
  });

  test('a storage error ends the run with that error', async () => {
    const pool = openPool();
    const failing = pool.run(good, { signal: never, onOutput: () => Promise.reject(new Error('disk full')) });
    await expect(failing).rejects.toThrow('disk full');
    expect(pool.status()).toMatchObject({ reservedBytes: 0, waiting: 0 });
    await pool.run(good, { signal: never, onOutput: noOutput });
  });

  test('slow storage does not count against the deadline', async () => {
    const pool = openPool({ deadlineMs: 2000 });
    await pool.run(good, { signal: never, onOutput: noOutput });
    const { promise: longAfter, resolve } = Promise.withResolvers<void>();
    setTimeout(resolve, 2500);
    await pool.run(good, { signal: never, onOutput: () => longAfter });
  });

  test('pictures wait for memory, and one that needs more than the budget is refused', async () => {
    const pool = openPool({ size: 2, memoryBudgetBytes: 60e6 });
    const reserved: number[] = [];
    await Promise.all(
      Array.from({ length: 4 }, () => pool.run(good, { signal: never, onOutput: async () => void reserved.push(pool.status().reservedBytes) })),
    );
    expect(Math.max(...reserved)).toBeLessThanOrEqual(60e6);
    const big = await jobOf(
      'big.png',
      await sharp({ create: { width: 6000, height: 6000, channels: 3, background: '#777' } })
        .png({ progressive: true })
        .toBuffer(),
    );
    await expect(pool.run(big, { signal: never, onOutput: noOutput })).rejects.toMatchObject({ code: 'resource_limit' });
    expect(pool.status().reservedBytes).toBe(0);
  });

  test('close ends every process, even in the middle of work', async () => {
    const pool = openDecoderPool({ size: 2, memoryBudgetBytes: 1e9, deadlineMs: 20_000 });
    const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
    const run = pool.run(good, { signal: never, onOutput: noOutput, onHeader: () => begin() });
    await begun;
    const pids = pidsOf(pool);
    await Promise.all([pool.close(), expect(run).rejects.toMatchObject({ code: 'unavailable', retryable: true })]);
    expect(pids.filter(isAlive)).toEqual([]);
  });

  test('decoders end by themselves if their parent is killed', async () => {
    const script = fileURLToPath(new URL('../../../test/support/orphaned-decoders.ts', import.meta.url));
    const parent = spawn(process.execPath, ['--conditions=safelight-source', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = (await once(createInterface(parent.stdout), 'line')) as [string];
    const pids = JSON.parse(line) as number[];
    expect(pids).toHaveLength(2);
    parent.kill('SIGKILL');
    await expect.poll(() => pids.filter(isAlive), { timeout: 10_000 }).toEqual([]);
  });

  test('an idle pool does not keep a process from exiting', async () => {
    const script = `
      import { openDecoderPool } from ${JSON.stringify(new URL('./decoder-pool.ts', import.meta.url).href)};
      const pool = openDecoderPool({ size: 1, memoryBudgetBytes: 1e9, deadlineMs: 60_000 });
      await pool.capabilities({ signal: AbortSignal.timeout(60_000) });`;
    const parent = spawn(process.execPath, ['--conditions=safelight-source', '--input-type=module', '-e', script], { stdio: 'inherit' });
    expect(await once(parent, 'exit')).toEqual([0, null]);
  });
});

test('code that one decoder has compiled is there for the next, although decoders are killed', async () => {
  const cache = await temporaryDirectory();
  vi.stubEnv('NODE_COMPILE_CACHE', cache);
  onTestFinished(() => void vi.unstubAllEnvs());
  const pool = openPool();
  await pool.run(good, { signal: never, onOutput: noOutput });
  const cached = async (): Promise<string[]> =>
    (await readdir(cache, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile()).map(({ name }) => name);
  await expect.poll(cached).not.toEqual([]);
});

describe('a decoder that a picture has left large', () => {
  const swollen = new URL('../../../test/support/swollen-decoder.ts', import.meta.url);
  const expecting = (bytes: number): ImageJob => ({ ...good, sourcePath: String(bytes) });

  test('is kept for the next one, and what it holds beyond the usual is reserved until then', async () => {
    const pool = openPool({ entry: swollen, memoryBudgetBytes: 512 << 20 });
    await pool.run(expecting(1), { signal: never, onOutput: noOutput });
    const pids = pidsOf(pool);
    expect(pool.status()).toMatchObject({ decoders: [{ isBusy: false }], reservedBytes: 0, keptBytes: 50 << 20 });
    await pool.run(expecting(512 << 20), { signal: never, onOutput: noOutput, onHeader: () => expect(pool.status().keptBytes).toBe(0) });
    expect(pidsOf(pool)).toEqual(pids);
  });

  test('and idle ends as soon as another picture waits for memory', async () => {
    const pool = openPool({ entry: swollen, memoryBudgetBytes: 512 << 20, size: 2 });
    await Promise.all([1, 2].map((bytes) => pool.run(expecting(bytes), { signal: never, onOutput: noOutput })));
    expect(pool.status()).toMatchObject({ decoders: [{ isBusy: false }, { isBusy: false }], keptBytes: 100 << 20 });
    await pool.run(expecting(500 << 20), { signal: never, onOutput: noOutput });
    expect(pidsOf(pool)).toHaveLength(1);
  });

  test('ends when there is no memory for what it holds', async () => {
    const pool = openPool({ entry: swollen, memoryBudgetBytes: 49 << 20 });
    await pool.run(expecting(1), { signal: never, onOutput: noOutput });
    expect(pool.status().keptBytes).toBe(0);
    await expect.poll(() => pidsOf(pool)).toEqual([]);
  });

  test('is still known to be large after it was only asked for a header', async () => {
    const pool = openPool({ entry: swollen, memoryBudgetBytes: 512 << 20 });
    await pool.run(expecting(1), { signal: never, onOutput: noOutput });
    await pool.capabilities({ signal: never });
    expect(pool.status().keptBytes).toBe(50 << 20);
  });
});

describe('slow pictures', () => {
  const slowJob = async (name: string): Promise<ImageJob> => {
    const job = await jobOf(name, await slowAnimation());
    return {
      ...job,
      outputs: Array.from({ length: 8 }, (_, i) => ({ role: `at${i}`, maxSide: 500 - i, format: 'source', quality: 50, effort: 0, animated: true })),
    };
  };

  test('never occupy the last decoder: quick ones overtake any number of them', async () => {
    const pool = openPool({ size: 2, memoryBudgetBytes: 2e9 });
    const slow = await slowJob('slow.webp');
    const order: string[] = [];
    const stopping = new AbortController();
    const run = async (name: string, job: ImageJob, signal: AbortSignal) => {
      await pool.run(job, { signal, onOutput: noOutput });
      order.push(name);
    };
    const slows = Array.from({ length: 10 }, (_, i) => run(`slow ${i}`, slow, stopping.signal).catch(() => undefined));
    await Promise.all(Array.from({ length: 4 }, (_, i) => run(`quick ${i}`, good, never)));
    expect(order.filter((name) => name.startsWith('quick'))).toHaveLength(4);
    expect(order.filter((name) => name.startsWith('slow')).length).toBeLessThan(3);
    stopping.abort(new Error('seen enough'));
    await Promise.all(slows);
    expect(pool.status()).toMatchObject({ waiting: 0, reservedBytes: 0 });
    await pool.run(good, { signal: never, onOutput: noOutput });
  });

  test('are not begun if the caller would rather process them later', async () => {
    const pool = openPool();
    const outputs: ImageOutput[] = [];
    const run = pool.run(await slowJob('refused.webp'), { signal: never, slow: 'refuse', onOutput: async (output) => void outputs.push(output) });
    await expect(run).rejects.toBeInstanceOf(SlowPicture);
    expect(outputs).toEqual([]);
    const [pid] = pidsOf(pool);
    await pool.run(good, { signal: never, slow: 'refuse', onOutput: noOutput });
    expect(pidsOf(pool), 'the decoder that had read its header goes on').toEqual([pid]);
  });
});

test.each([
  [100, 1],
  [400, 0],
])('an idle decoder that holds %i MB: %i stay', async (megabytes, stay) => {
  const entry = join(directory, `holds-${megabytes}.mjs`);
  await writeFile(
    entry,
    `process.on('message', () => process.send({ type: 'failed', failure: { code: 'corrupt_media', detail: 'x' }, reason: 'x', rssBytes: ${megabytes} * 1024 * 1024 }));
     process.on('disconnect', () => process.exit(0));
     process.send({ type: 'ready', capabilities: { types: [], missing: [] } });`,
  );
  const pool = openPool({ entry: pathToFileURL(entry) });
  await expect(pool.run(good, { signal: never, onOutput: noOutput })).rejects.toMatchObject({ code: 'corrupt_media' });
  await expect.poll(() => pool.status().decoders.length).toBe(stay);
});
