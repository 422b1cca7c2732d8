import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startProduct, type Product } from '../../packages/server/test/support/product.ts';
import { startTcpPostgres } from '../../packages/server/test/support/tcp-postgres.ts';
import { blocksOf, commandReference, commandsOf, isSource, pages, root } from './pages.ts';
import { runScript } from './run-script.ts';
import { writeExample } from './write-example.ts';
import { writeScript } from './write-script.ts';

/** The page that needs an old application has a test of its own, which provides one. */
const hasOwnTest = ['docs/migrating.md', commandReference];

describe('the commands of a page run as written, one after another', () => {
  let folder: string;
  let product: Product;
  /** A product of its own for blocks that are run separately. */
  let postgres: Awaited<ReturnType<typeof startTcpPostgres>>;
  beforeAll(async () => {
    postgres = await startTcpPostgres();
    folder = await mkdtemp(path.join(tmpdir(), 'safelight-documents-'));
    product = await startProduct('start', { dataDir: path.join(folder, 'data') });
    await writePictures(folder);
  });
  afterAll(async () => {
    await product.stop();
    await postgres.close();
    await rm(folder, { recursive: true, force: true });
  });

  test.each(pages.filter((page) => !hasOwnTest.includes(page) && commandsOf(page).length > 0))('%s', async (page) => {
    const place = await mkdtemp(path.join(folder, 'reader-'));
    for (const name of ['photo.jpg', 'photo.heic', 'me.jpg', 'film.mp4']) await copyFile(path.join(folder, name), path.join(place, name));
    // The folder in which a reader of the checkout has its pages and pictures.
    await symlink(path.join(root, 'docs'), path.join(place, 'docs'));
    const { code, said } = await runScript(writeScript(commandsOf(page), product.url), {
      place,
      dataDir: path.join(folder, 'data'),
      product,
      env: { READER_DATABASE_URL: postgres.url },
    });
    expect(code, said).toBe(0);
  });

  test('the documented output of the product is what it prints', () => {
    const shown = pages.flatMap((page) => blocksOf(page).filter(({ language }) => language === 'console'));
    expect(shown.length).toBeGreaterThan(0);
    for (const line of shown.flatMap(({ text }) => text.trim().split('\n'))) {
      const pattern = RegExp.escape(line.replaceAll('http://127.0.0.1:4700', product.url)).replaceAll('…', '\\S+');
      expect(product.output()).toMatch(new RegExp(`^${pattern}$`, 'm'));
    }
  });
});

test('examples in TypeScript and JavaScript compile', async () => {
  // Inside the checkout, so that they find its packages like an application.
  const place = path.join(root, 'node_modules/.cache/documents');
  await rm(place, { recursive: true, force: true });
  await mkdir(place, { recursive: true });
  let written = 0;
  for (const page of pages) {
    for (const block of blocksOf(page)) {
      if (!isSource(block)) continue;
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
  // Less strict than for the project's own files, which are not checked here.
  const problems = said
    .join('')
    .split('\n')
    .filter((line) => line.includes('.cache/documents'));
  expect(problems).toEqual([]);
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
