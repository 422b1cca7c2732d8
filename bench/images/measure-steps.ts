import { readFile } from 'node:fs/promises';
import sharp from 'sharp';

import { decodePicture, resizeRaw } from '../../packages/server/src/processing/image/decode-picture.ts';
import { decodeHeic } from '../../packages/server/src/processing/image/decode-heic.ts';
import { encodeAs } from '../../packages/server/src/processing/image/encode.ts';
import { findDominantColour } from '../../packages/server/src/processing/image/find-dominant-colour.ts';
import { withPixelMemory, type PixelMemory } from '../../packages/server/src/processing/image/pixels/pixel-memory.ts';
import { planOutputs } from '../../packages/server/src/processing/image/plan-outputs.ts';
import { sharpOfRaw } from '../../packages/server/src/processing/image/raw-picture.ts';
import { readHeader } from '../../packages/server/src/filetypes/read-header.ts';
import { rules } from './rows.ts';

/** A step and its parts; `ms` is the CPU of all threads, the minimum of all rounds. `isFloor`: a bare codec would cost it too. */
export type Step = { name: string; ms: number; isFloor?: boolean; parts?: Step[] };

/** The steps of the pipeline one by one, in the order of render.ts, each on the result of the previous one. */
export async function measureSteps(photos: readonly { name: string; path: string }[], rounds: number): Promise<{ name: string; root: Step }[]> {
  sharp.cache(false);
  sharp.concurrency(1);
  sharp.block({ operation: ['VipsForeignLoadUhdr'] });
  const measured = [];
  for (const { name, path } of photos) {
    const source = await readFile(path);
    const least = new Map<string, number>();
    for (let round = 0; round < rounds; round++) for (const [step, ms] of await runOnce(source)) least.set(step, Math.min(ms, least.get(step) ?? Infinity));
    measured.push({ name, root: asTree(least) });
  }
  return measured;
}

const runOnce = async (source: Buffer): Promise<Map<string, number>> => await withPixelMemory((memory) => runWithin(memory, source));

async function runWithin(memory: PixelMemory, source: Buffer): Promise<Map<string, number>> {
  const steps = new Map<string, number>();
  const time = async <Result>(name: string, work: () => Promise<Result> | Result): Promise<Result> => {
    const before = process.cpuUsage();
    const result = await work();
    const { user, system } = process.cpuUsage(before);
    steps.set(name, (user + system) / 1000);
    return result;
  };
  const header = await time('header', () => readHeader(source));
  const plan = planOutputs(header, rules);
  const [first] = plan;
  if (first === undefined) throw new Error('There are outputs to make.');
  // The codec's share of the decode; the rest is resizing and colours.
  await time('decode/codec', async () => {
    if (header.codec === 'hevc') await decodeHeic(source, 'pixels', () => {});
    else await sharp(source, { ignoreIcc: true }).raw().toBuffer();
  });
  let current = await time('decode', async () => await decodePicture(source, header, first.whole, memory));
  for (const { rule, format, whole } of plan) {
    const from = current;
    if (whole.width < from.width) current = await time(`${rule.role}/resize`, async () => await resizeRaw(from, whole, memory));
    const picture = current;
    await time(`${rule.role}/encode`, async () => await encodeAs(sharpOfRaw(picture), format, rule, false).toBuffer());
  }
  const smallest = current;
  await time('placeholders', async () => {
    await findDominantColour(smallest, memory);
    await sharpOfRaw(smallest).resize(16, 16, { fit: 'fill' }).webp({ quality: 40, effort: 4 }).toBuffer();
  });
  return steps;
}

function asTree(least: ReadonlyMap<string, number>): Step {
  const ms = (name: string): number => least.get(name) ?? 0;
  const codec = Math.min(ms('decode/codec'), ms('decode'));
  const parts: Step[] = [
    { name: 'header', ms: ms('header') },
    {
      name: 'decode',
      ms: ms('decode'),
      parts: [
        { name: 'codec', ms: codec, isFloor: true },
        { name: 'resize, colours', ms: ms('decode') - codec },
      ],
    },
    ...rules.map(({ role }): Step => {
      const own: Step[] = [
        { name: 'resize', ms: ms(`${role}/resize`) },
        { name: 'encode', ms: ms(`${role}/encode`), isFloor: true },
      ];
      return { name: role, ms: own.reduce((sum, part) => sum + part.ms, 0), parts: own.filter((part) => part.ms > 0) };
    }),
    { name: 'placeholders', ms: ms('placeholders') },
  ];
  return { name: 'photo', ms: parts.reduce((sum, part) => sum + part.ms, 0), parts };
}
