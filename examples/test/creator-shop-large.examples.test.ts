import { createHash, randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import path from 'node:path';

import type { Route } from 'playwright-core';
import { expect, test } from 'vitest';

import { describeInBrowser } from '../../packages/server/test/support/describe-in-browser.ts';
import { walkExample } from './walk.ts';

const megabyte = 2 ** 20;
const fileMegabytes = 200;
const sentBefore = 4;

describeInBrowser('creator-shop, with a large file', () => {
  const walk = walkExample('creator-shop');

  test('200 MB continue after a reload, are sold, and are downloaded unchanged, even after an interruption', { timeout: 400_000 }, async () => {
    const file = path.join(walk.folder(), 'lessons.bin');
    const sha256 = await writeLarge(file);
    const { page, close } = await walk.open('sell');
    // Lets some parts through and holds the others, so that the reload is in the middle on every machine.
    const held: Route[] = [];
    let isHolding = true;
    await page.route(
      (url) => url.searchParams.has('part'),
      async (route) => {
        const part = Number(new URL(route.request().url()).searchParams.get('part'));
        if (isHolding && route.request().method() === 'PUT' && part > sentBefore) held.push(route);
        else await route.continue();
      },
    );
    const arrived = new Set<string>();
    page.on('requestfinished', (request) => void (request.method() === 'PUT' && arrived.add(new URL(request.url()).searchParams.get('part') ?? '')));
    await page.locator('input[type=file]').first().setInputFiles(file);
    await expect.poll(() => [arrived.size, held.length]).toEqual([sentBefore, 3]);
    page.once('dialog', (dialog) => void dialog.accept());
    await page.reload();
    // Not before: a held part continues as soon as nothing holds it.
    isHolding = false;
    await page.getByText('Not finished: lessons.bin').waitFor();

    const before = new Set(arrived);
    arrived.clear();
    await page.locator('input[type=file]').first().setInputFiles(file);
    await page.getByText(/lessons\.bin is ready to be sold/).waitFor({ timeout: 200_000 });
    await expect.poll(() => arrived.size, { message: 'parts after the reload' }).toBe(fileMegabytes / 8 - sentBefore);
    expect([...arrived].filter((part) => before.has(part))).toEqual([]);
    await close();

    const buyer = await walk.open('');
    await buyer.page.getByRole('button', { name: 'Buy' }).click();
    const address = (await buyer.page.getByRole('link', { name: 'lessons.bin' }).getAttribute('href')) ?? '';
    const hash = createHash('sha256');
    const first = await fetch(address);
    expect(first.headers.get('content-disposition')).toContain('lessons.bin');
    let taken = 0;
    for await (const chunk of first.body ?? []) {
      hash.update(chunk);
      taken += chunk.length;
      // The connection is lost here.
      if (taken > 50 * megabyte) break;
    }
    const after = await fetch(address, { headers: { range: `bytes=${taken}-`, 'if-range': first.headers.get('etag') ?? '' } });
    expect(after.status).toBe(206);
    for await (const chunk of after.body ?? []) hash.update(chunk);
    expect(hash.digest('hex')).toBe(sha256);
    const { files } = await walk.manager().grants.read(new URL(buyer.page.url()).hash.split('/').at(-1) ?? '');
    expect(
      files.map(({ downloads }) => downloads),
      'downloads spent by both',
    ).toEqual([1]);
    await buyer.close();
  });
});

/** Writes the file and returns its digest. */
async function writeLarge(file: string): Promise<string> {
  const written = await open(file, 'w');
  for (let at = 0; at < fileMegabytes; at += 10) await written.write(randomBytes(10 * megabyte));
  await written.close();
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
