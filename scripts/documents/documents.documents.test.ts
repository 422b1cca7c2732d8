import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { globSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startProduct, type Product } from '../../packages/server/test/support/product.ts';
import { readBlocks, type Block } from './read-blocks.ts';
import { runScript } from './run-script.ts';
import { writeExample } from './write-example.ts';
import { writeScript } from './write-script.ts';

const root = path.resolve(import.meta.dirname, '../..');
// docs/cli.md shows what commands print and is written from them; decisions are history.
const pages = globSync(['README.md', 'CONTRIBUTING.md', 'docs/*.md', '{packages,apps,examples}/*/README.md', 'examples/README.md'], {
  cwd: root,
  exclude: ['docs/cli.md', '**/node_modules/**'],
}).toSorted();
const blocksOf = (page: string) => readBlocks(readFileSync(path.join(root, page), 'utf8'));

/** Commands of the checkout, which CI runs as they are; here they are only known to exist. */
const isOfCheckout = ({ text }: Block): boolean => text.split('\n').every((line) => line === '' || line.startsWith('#') || /^(?:\w+=\S+ )*npm /.test(line));
/** What asks for an old application has a test of its own, which brings one. */
const hasOwnTest = 'docs/migrating.md';
const commandsOf = (page: string) => blocksOf(page).filter((block) => block.language === 'sh' && block.notRun === null && !isOfCheckout(block));

describe('the commands of a page run as they stand, one after another', () => {
  let folder: string;
  let product: Product;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'safelight-documents-'));
    product = await startProduct('start', { dataDir: path.join(folder, 'data') });
    await writePictures(folder);
  });
  afterAll(async () => {
    await product.stop();
    await rm(folder, { recursive: true, force: true });
  });

  test.each(pages.filter((page) => page !== hasOwnTest && commandsOf(page).length > 0))('%s', async (page) => {
    const place = await mkdtemp(path.join(folder, 'reader-'));
    for (const name of ['photo.jpg', 'photo.heic', 'me.jpg', 'film.mp4']) await copyFile(path.join(folder, name), path.join(place, name));
    const { code, said } = await runScript(writeScript(commandsOf(page), product.url), { place, dataDir: path.join(folder, 'data'), product });
    expect(code, said).toBe(0);
  });
});

test('examples in TypeScript and JavaScript are what the compiler takes', async () => {
  // Inside the checkout, so that they find its packages as an application finds them.
  const place = path.join(root, 'node_modules/.cache/documents');
  await rm(place, { recursive: true, force: true });
  await mkdir(place, { recursive: true });
  let written = 0;
  for (const page of pages) {
    for (const block of blocksOf(page)) {
      if (!['ts', 'tsx', 'js'].includes(block.language) || block.notRun !== null) continue;
      written += 1;
      await writeFile(path.join(place, `${page.replaceAll('/', '-')}-${block.line}.${block.language}`), writeExample(block));
    }
  }
  expect(written, 'examples read').toBeGreaterThan(8);
  await copyFile(path.join(import.meta.dirname, 'reader.d.ts'), path.join(place, 'reader.d.ts'));
  const compilerOptions = { allowJs: true, checkJs: true, strict: false, exactOptionalPropertyTypes: false, noUncheckedIndexedAccess: false };
  await writeFile(path.join(place, 'tsconfig.json'), JSON.stringify({ extends: path.join(root, 'tsconfig.json'), compilerOptions, include: ['*'] }));
  const compiler = spawn(process.execPath, [path.join(root, 'node_modules/typescript/bin/tsc'), '-p', place], { stdio: ['ignore', 'pipe', 'inherit'] });
  const said = await compiler.stdout.setEncoding('utf8').toArray();
  // Less strictly than the project's own files, which are not the question here.
  const problems = said
    .join('')
    .split('\n')
    .filter((line) => line.includes('.cache/documents'));
  expect(problems).toEqual([]);
});

test('every script of the checkout that a page names is there', () => {
  const { scripts } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> };
  const named = pages.flatMap((page) =>
    [...readFileSync(path.join(root, page), 'utf8').matchAll(/npm run (?:-s )?([a-z][\w:-]*)/g)].map(([, name = '']) => ({ page, name })),
  );
  expect(named.length).toBeGreaterThan(10);
  expect(named.filter(({ name }) => !(name in scripts))).toEqual([]);
});

test('examples in JSON are JSON, apart from what a reader fills in', () => {
  for (const page of pages)
    for (const { language, text, line } of blocksOf(page))
      if (language === 'json' && !text.includes('…')) expect(() => JSON.parse(text) as unknown, `${page}:${line}`).not.toThrow();
});

async function writePictures(folder: string): Promise<void> {
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
  const jpeg = await sharp({ create: { width: 1200, height: 900, channels: 3, background: '#888', noise } })
    .jpeg()
    .toBuffer();
  for (const name of ['photo.jpg', 'me.jpg']) await writeFile(path.join(folder, name), jpeg);
  await copyFile(path.join(root, 'packages/server/test/fixtures/images/quadrants.heic'), path.join(folder, 'photo.heic'));
  const clip = ['-f', 'lavfi', '-i', 'testsrc=duration=1:size=320x240:rate=25', '-pix_fmt', 'yuv420p', path.join(folder, 'film.mp4')];
  const [code] = await once(spawn('ffmpeg', ['-hide_banner', '-loglevel', 'error', ...clip], { stdio: 'inherit' }), 'close');
  expect(code, 'ffmpeg').toBe(0);
}
