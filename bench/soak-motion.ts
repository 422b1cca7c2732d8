/**
 * `npm run soak:motion -- [--count 200] [--at-once 3]`: various clips and sounds through the whole product; one in eleven is cancelled during its
 * encoding and one is truncated; then a check for leftovers. Needs ffmpeg.
 *
 * Exits with 1 if a clip did not end as it should, if memory or descriptors grew, or if an orphaned process, file or object is left.
 */
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { residentMb, treeProcesses } from './processes.ts';
import { startProduct, type Product } from './product.ts';
import { mixClips, type Clip } from './soak/mix-clips.ts';

const { values } = parseArgs({ options: { count: { type: 'string', default: '200' }, 'at-once': { type: 'string', default: '3' } } });
const count = Number(values.count);
const atOnce = Number(values['at-once']);
const blocksOf = 4;
/** Growth beyond this is not noise; in a short run caches are still filling. */
const allowed = { apiMb: count < 100 ? 100 : 40, descriptors: 6 };
const mostSecondsEach = 300;

type Block = { clips: number; seconds: number; apiMb: number; descriptors: number; processes: number };

const print = (line: string): void => void process.stdout.write(`${line}\n`);
const entriesOf = async (folder: string): Promise<string[]> => await readdir(folder).catch(() => []);
const leftInTmp = async ({ pid }: Product): Promise<string[]> => (await readdir(tmpdir())).filter((name) => name.startsWith(`safelight-motion-${pid}-`));
const engineProcesses = async ({ pid }: Product): Promise<string[]> =>
  (await treeProcesses(pid)).map(({ command }) => command).filter((command) => /\bff(?:mpeg|probe)\b/.test(command));

async function ask(product: Product, method: string, to: string, body?: FormData): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await fetch(`${product.url}/v1${to}`, {
    method,
    headers: { authorization: `Bearer ${product.token}`, ...(method === 'POST' && body === undefined ? { 'content-type': 'application/json' } : {}) },
    ...(body === undefined ? (method === 'POST' ? { body: '{}' } : {}) : { body }),
  });
  const text = await answer.text();
  return { status: answer.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
}

type MediaState = { id: string; status: string; failure: { code: string } | null };

/** Uploads a clip, cancels it if it is to be cancelled, and returns its outcome. */
async function endOf(product: Product, clip: Clip, nth: number): Promise<string> {
  const form = new FormData();
  for (const [name, value] of Object.entries({ collection: 'artist.media', entityType: 'artist', entityId: `soak-${Math.floor(nth / 20)}` }))
    form.set(name, value);
  form.set('file', new Blob([new Uint8Array(clip.bytes)], { type: clip.type }), clip.name);
  const sent = await ask(product, 'POST', '/media', form);
  if (sent.status !== 202) return `refused with ${sent.status} ${String(sent.body['code'])}`;
  const { jobId, media } = sent.body as { jobId: string; media: MediaState };
  let isCancelled = false;
  const until = performance.now() + mostSecondsEach * 1000;
  while (performance.now() < until) {
    const state = (await ask(product, 'GET', `/media/${media.id}`)).body['media'] as MediaState;
    if (state.status === 'ready') return 'ready';
    if (state.status === 'failed') return state.failure?.code === 'cancelled' ? 'cancelled' : 'failed';
    if (clip.expected === 'cancelled' && !isCancelled) {
      const job = (await ask(product, 'GET', `/jobs/${jobId}`)).body['job'] as { message: string | null };
      if (job.message === 'encoding') {
        await ask(product, 'DELETE', `/jobs/${jobId}`);
        isCancelled = true;
      }
    }
    await delay(100);
  }
  return 'nothing';
}

const directory = await mkdtemp(path.join(tmpdir(), 'safelight-soak-'));
const wrong: string[] = [];
const blocks: Block[] = [];
try {
  const clips = await mixClips(directory);
  const product = await startProduct('start', { dataDir: path.join(directory, 'data'), env: { SAFELIGHT_LOG_LEVEL: 'error' } });
  try {
    const run = async (from: number, to: number): Promise<void> => {
      let next = from;
      const one = async (): Promise<void> => {
        while (next < to) {
          const nth = next++;
          const clip = clips[nth % clips.length];
          if (clip === undefined) return;
          const end = await endOf(product, clip, nth);
          if (end !== clip.expected) wrong.push(`${clip.name}: ${end} instead of ${clip.expected}`);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, one));
    };
    // Code is compiled, and caches are filled: not counted.
    await run(0, clips.length);
    print('clips   seconds   API MB   descriptors   processes');
    for (let block = 0; block < blocksOf; block++) {
      const began = performance.now();
      const [from, to] = [Math.round((count * block) / blocksOf), Math.round((count * (block + 1)) / blocksOf)];
      await run(from, to);
      const told: Block = {
        clips: to - from,
        seconds: (performance.now() - began) / 1000,
        apiMb: await residentMb(product.pid),
        descriptors: (await entriesOf(`/proc/${product.pid}/fd`)).length,
        processes: (await treeProcesses(product.pid)).length,
      };
      blocks.push(told);
      print(
        [
          String(to).padStart(5),
          told.seconds.toFixed(0).padStart(9),
          told.apiMb.toFixed(0).padStart(8),
          String(told.descriptors).padStart(13),
          String(told.processes).padStart(11),
        ].join(' '),
      );
    }
    const stray = await engineProcesses(product);
    const files = await leftInTmp(product);
    const { discrepancies = [] } = (await ask(product, 'POST', '/admin/discrepancies')).body as { discrepancies?: unknown[] };
    if (stray.length > 0) wrong.push(`processes are left: ${stray.join('; ')}`);
    if (files.length > 0) wrong.push(`files are left: ${files.join(', ')}`);
    if (discrepancies.length > 0) wrong.push(`records and storage do not agree: ${JSON.stringify(discrepancies).slice(0, 400)}`);
  } finally {
    await product.stop();
  }
} finally {
  await rm(directory, { recursive: true, force: true });
}

const least = (part: readonly Block[], of: 'apiMb' | 'descriptors'): number => Math.min(...part.map((block) => block[of]));
const [before, after] = [blocks.slice(0, blocksOf / 2), blocks.slice(blocksOf / 2)];
const grown = { apiMb: least(after, 'apiMb') - least(before, 'apiMb'), descriptors: least(after, 'descriptors') - least(before, 'descriptors') };
const violations = [
  ...new Set(wrong),
  ...(grown.apiMb > allowed.apiMb ? [`the API grew by ${grown.apiMb.toFixed(0)} MB`] : []),
  ...(grown.descriptors > allowed.descriptors ? [`open descriptors grew by ${grown.descriptors}`] : []),
];
print(violations.length === 0 ? 'no violation' : violations.join('\n'));
const results = path.join(import.meta.dirname, 'results/soak-motion.json');
await writeFile(results, `${JSON.stringify({ at: new Date().toISOString(), count, atOnce, blocks, violations }, null, 2)}\n`);
process.exitCode = violations.length > 0 ? 1 : 0;
