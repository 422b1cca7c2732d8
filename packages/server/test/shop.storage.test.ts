import { execFile, spawn, spawnSync } from 'node:child_process';
import { randomBytes, randomInt } from 'node:crypto';
import { once } from 'node:events';
import { appendFile, readFile, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { signCdnURL } from '../src/delivery/sign-cdn-url.ts';
import { whyNoNginx } from './support/nginx.ts';
import { at, get, only, startShop, type Shop } from './support/shop.ts';
import { temporaryDirectory } from './support/temporary-directory.ts';
import { whyNoVarnish } from './support/varnish.ts';

const run = promisify(execFile);
const missing = (['aria2c', 'curl', 'unzip'] as const).filter((name) => spawnSync(name, ['--help'], { stdio: 'ignore' }).error !== undefined);
const reason = whyNoNginx() ?? whyNoVarnish() ?? (missing.length === 0 ? null : `not installed: ${missing.join(', ')}`);

describe.skipIf(reason !== null)(`a shop on two servers, behind nginx and Varnish${reason === null ? '' : ` (skipped: ${reason})`}`, () => {
  let shop: Shop;
  beforeAll(async () => {
    shop = await startShop();
  });
  afterAll(async () => await shop?.stop());

  const other = (): string => shop.servers[1] ?? '';
  const large = randomBytes(24 * 2 ** 20);

  test('of fifty clients on both servers a limit of three lets three through; fifty ranges of one client count once', async () => {
    const bytes = randomBytes(50_000);
    const limited = await shop.sell([{ name: 'a.bin', bytes }], { maxDownloads: 3 });
    const answers = await Promise.all(
      Array.from(
        { length: 50 },
        async (_, index) => (await get(at(shop.servers[index % 2] ?? '', only(limited).url), { 'user-agent': `client ${index}` })).status,
      ),
    );
    expect([answers.filter((status) => status === 200).length, answers.filter((status) => status === 403).length]).toEqual([3, 47]);
    const ranged = await shop.sell([{ name: 'a.bin', bytes }], { maxDownloads: 1 });
    const parts = await Promise.all(
      Array.from(
        { length: 50 },
        async (_, index) => await get(at(shop.servers[index % 2] ?? '', only(ranged).url), { range: `bytes=${index * 1000}-${index * 1000 + 999}` }),
      ),
    );
    expect(Buffer.concat(parts.map((part) => part.bytes)).equals(bytes)).toBe(true);
    expect(await shop.used(ranged)).toEqual([1]);
  });

  test('aria2 with sixteen connections spends one download', async () => {
    const grant = await shop.sell([{ name: 'film.bin', bytes: large }], { maxDownloads: 1 });
    const directory = await temporaryDirectory();
    await run('aria2c', ['-x16', '-s16', '-k1M', '--no-conf', '-d', directory, '-o', 'film.bin', only(grant).url]);
    expect((await readFile(path.join(directory, 'film.bin'))).equals(large)).toBe(true);
    expect(await shop.used(grant)).toEqual([1]);
  });

  const sizeOf = async (file: string): Promise<number> =>
    await stat(file).then(
      ({ size }) => size,
      () => 0,
    );

  /** Downloads with curl, interrupts it again and again, and continues at the other server as a client that looks different. */
  async function cutAndResumed(urls: readonly string[], file: string, whole: number): Promise<void> {
    for (let turn = 0; turn < 4; turn++) {
      const going = spawn('curl', ['-sS', '--fail', '-C', String(await sizeOf(file)), '-A', `agent ${turn}`, urls[turn % 2] ?? '']);
      onTestFinished(() => void going.kill('SIGKILL'));
      const ended = once(going, 'exit');
      const before = await sizeOf(file);
      for await (const chunk of going.stdout) {
        await appendFile(file, chunk);
        if ((await sizeOf(file)) > before + whole / 8) break;
      }
      going.kill('SIGKILL');
      await ended;
    }
    expect(await sizeOf(file)).toBeLessThan(whole);
    await run('curl', ['-sS', '--fail', '-C', '-', '-A', 'the last agent', '-o', file, urls[1] ?? '']);
  }

  test('curl continues at another server wherever a download was cut, and it is the same download', async () => {
    const grant = await shop.sell([{ name: 'film.bin', bytes: large }], { maxDownloads: 1 });
    const file = path.join(await temporaryDirectory(), 'film.bin');
    await cutAndResumed([only(grant).url, at(other(), only(grant).url)], file, large.length);
    expect((await readFile(file)).equals(large)).toBe(true);
    expect(await shop.used(grant)).toEqual([1]);
    expect((await get(only(grant).url, { 'user-agent': 'a third' })).status).toBe(403);
  });

  test('a ZIP of the purchase does as well, and unzip finds it intact', async () => {
    const contents = [large, randomBytes(70_000), randomBytes(1)];
    const grant = await shop.sell(
      contents.map((bytes, index) => ({ name: index === 0 ? 'Grüße “1” 🎬.bin' : 'same.bin', bytes })),
      { maxDownloads: 1 },
    );
    const directory = await temporaryDirectory();
    const file = path.join(directory, 'all.zip');
    await cutAndResumed([grant.zipURL, at(other(), grant.zipURL)], file, large.length);
    expect((await run('unzip', ['-t', file])).stdout).toContain('No errors detected');
    await run('unzip', ['-q', file, '-d', directory], { env: { ...process.env, LC_ALL: 'C.UTF-8' } });
    for (const [index, name] of ['Grüße “1” 🎬.bin', 'same.bin', 'same (2).bin'].entries())
      expect((await readFile(path.join(directory, name))).equals(contents[index] ?? Buffer.alloc(0)), name).toBe(true);
    expect(await shop.used(grant)).toEqual([1, 1, 1]);
  });

  test('a ZIP cut at two hundred places continues at each of them, on either server', async () => {
    const grant = await shop.sell([1, 2, 3].map((index) => ({ name: `${index}.bin`, bytes: randomBytes(20_000) })));
    const whole = await get(grant.zipURL);
    for (let turn = 0; turn < 200; turn++) {
      const cut = randomInt(1, whole.bytes.length);
      const rest = await get(at(shop.servers[turn % 2] ?? '', grant.zipURL), { range: `bytes=${cut}-`, 'if-range': whole.headers.get('etag') ?? '' });
      expect([rest.status, rest.bytes.equals(whole.bytes.subarray(cut))]).toEqual([206, true]);
    }
  });

  test('Safari’s probe, several ranges at once and a scanner that reads everything spend one download or none', async () => {
    const bytes = randomBytes(100_000);
    const grant = await shop.sell([{ name: 'a.bin', bytes }], { maxDownloads: 1 });
    const { url } = only(grant);
    for (const looked of [url, grant.accessURL, grant.zipURL]) expect((await get(looked, {}, 'HEAD')).status).toBe(200);
    for (const agent of ['Slackbot-LinkExpanding 1.0', 'WhatsApp/2.2', 'facebookexternalhit/1.1'])
      expect((await get(url, { 'user-agent': agent })).bytes.length).toBeLessThan(5_000);
    expect(await shop.used(grant)).toEqual([0]);
    expect((await get(url, { range: 'bytes=0-1' })).status).toBe(206);
    const several = await get(url, { range: 'bytes=0-9,500-599,90000-' });
    expect(several.headers.get('content-type')).toContain('multipart/byteranges');
    expect((await get(url, { range: 'bytes=2-' })).bytes.equals(bytes.subarray(2))).toBe(true);
    expect(await shop.used(grant)).toEqual([1]);
  });

  test('a mail scanner that follows every link twice has spent one download of each file, and the archive none', async () => {
    const grant = await shop.sell(
      [1, 2].map((index) => ({ name: `${index}.bin`, bytes: randomBytes(20_000) })),
      { maxDownloads: 1 },
    );
    const scanner = { 'user-agent': 'Mozilla/5.0 (compatible; a scanner)', accept: 'text/html,*/*' };
    for (let turn = 0; turn < 2; turn++) {
      const page = (await get(grant.accessURL, scanner)).bytes.toString();
      const links = [...page.matchAll(/href="([^"]+)"/g)]
        .map(([, link = '']) => link.replaceAll('&amp;', '&'))
        .filter((link) => link.includes('/access-media/'));
      expect(links).toHaveLength(3);
      const statuses = [];
      for (const [index, link] of links.entries()) statuses.push((await get(at(shop.servers[index % 2] ?? '', link), scanner)).status);
      // One download sends up to three times the size of each file: twice by itself, once in an archive.
      expect(statuses).toEqual(turn === 0 ? [200, 200, 200] : expect.not.arrayContaining([500]));
    }
    expect(await shop.used(grant)).toEqual([1, 1]);
  });

  test('requesting the beginning a hundred times gives more than one copy, and less than three', async () => {
    const bytes = randomBytes(30_000);
    const grant = await shop.sell([{ name: 'a.bin', bytes }], { maxDownloads: 2 });
    let sent = 0;
    for (let turn = 0; turn < 100; turn++)
      sent += (await get(at(shop.servers[turn % 2] ?? '', only(grant).url), { range: 'bytes=0-' })).status === 206 ? bytes.length : 0;
    expect(sent).toBeGreaterThanOrEqual(2 * bytes.length);
    expect(sent).toBeLessThanOrEqual((3 * 2 + 1) * bytes.length);
  });

  test('revoking, shortening, refunding in part and a new URL take effect with the next request at the other server', async () => {
    const grant = await shop.sell([1, 2].map((index) => ({ name: `${index}.bin`, bytes: randomBytes(9_000) })));
    const [one, two] = grant.files.map(({ url }) => at(other(), url));
    const where = `/grants/${grant.transaction}`;
    const statuses = async () => [(await get(one ?? '')).status, (await get(two ?? '')).status, (await get(at(other(), grant.zipURL))).status];
    expect(await statuses()).toEqual([200, 200, 200]);
    await shop.ask('PATCH', where, { removeAssetIds: [grant.assetIds[0]] });
    expect(await statuses()).toEqual([410, 200, 200]);
    await shop.ask('DELETE', where);
    expect(await statuses()).toEqual([410, 410, 410]);
    await shop.ask('POST', `${where}/restore`);
    await shop.ask('PATCH', where, { addAssetIds: [grant.assetIds[0]], expiresAt: new Date(Date.now() - 1000).toISOString() });
    expect(await statuses()).toEqual([410, 410, 410]);
    await shop.ask('PATCH', where, { expiresAt: null });
    await shop.ask('POST', `${where}/access-token`);
    expect(await statuses()).toEqual([404, 404, 404]);
  });

  test('neither nginx nor Varnish gives one caller the answer of another', async () => {
    for (const collection of ['product.files', 'carried.files', 'accelerated.files']) {
      const bytes = randomBytes(40_000);
      const grant = await shop.sell([{ name: 'secret.bin', bytes, collection }], { buyerId: 'ada' });
      const bearer = { authorization: `Bearer ${await shop.tokenOf('ada')}` };
      // Varnish does not accelerate, so those URLs are not tested behind it.
      for (const front of collection === 'accelerated.files' ? [shop.nginx] : [shop.nginx, shop.varnish]) {
        const url = at(front, only(grant).url);
        const plain = url.split('?')[0] ?? '';
        const wanted = collection === 'carried.files' ? 302 : 200;
        for (const turn of [1, 2]) {
          expect([turn, (await get(url)).status], `${collection} ${front}`).toEqual([turn, wanted]);
          expect((await get(plain, bearer)).status, `${collection} ${front}`).toBe(wanted);
          for (const stranger of [
            await get(plain),
            await get(`${plain}?access=1.shop.x`),
            await get(plain, { authorization: `Bearer ${await shop.tokenOf('eve')}` }),
          ]) {
            expect([stranger.status, stranger.headers.get('location'), stranger.bytes.includes(bytes.subarray(0, 32))]).toEqual([404, null, false]);
          }
        }
        await shop.ask('DELETE', `/grants/${grant.transaction}`);
        expect([(await get(url)).status, (await get(plain, bearer)).status]).toEqual([410, 410]);
        await shop.ask('POST', `/grants/${grant.transaction}/restore`);
      }
    }
  });

  test.each<[string, (etags: { ours: string; nginx: string }, size: number) => Record<string, string>]>([
    ['in a form that only we would understand', () => ({ range: 'bytes =0-0' })],
    ['with nothing in it', (_, size) => ({ range: `bytes=${size}-` })],
    ['with a comma too many', () => ({ range: 'bytes=0-0,' })],
    ['if it is still what we call it', ({ ours }) => ({ range: 'bytes=0-0', 'if-range': ours })],
    ['if it is still what nginx calls it', ({ nginx }) => ({ range: 'bytes=0-0', 'if-range': nginx })],
  ])('nginx sends no more of a sold file than was charged for, when a range is asked for %s', async (_how, headersOf) => {
    const bytes = randomBytes(40_000);
    const grant = await shop.sell([{ name: 'secret.bin', bytes, collection: 'accelerated.files' }], { maxDownloads: 1 });
    const url = at(shop.nginx, only(grant).url);
    const etagOf = ({ headers }: { headers: Headers }): string => headers.get('etag') ?? '';
    const headers = headersOf({ ours: etagOf(await get(url, {}, 'HEAD')), nginx: etagOf(await get(url)) }, bytes.length);
    let received = bytes.length;
    for (let turn = 0; turn < 10; turn++) {
      const answer = await get(url, headers);
      if (answer.status === 200 || answer.status === 206) received += answer.bytes.length;
    }
    expect(received).toBeLessThanOrEqual(4 * bytes.length);
  });

  test('a CDN delivers what we have signed for it, under its name and type, in ranges, until it expires', async () => {
    const bytes = randomBytes(60_000);
    const name = `Ada's "best", 100% 🎬.bin`;
    const grant = await shop.sell([{ name, bytes, collection: 'carried.files' }], { maxDownloads: 2 });
    const sent = await get(only(grant).url);
    expect([sent.status, sent.headers.get('cache-control')]).toEqual([302, 'private, no-store']);
    const location = sent.headers.get('location') ?? '';
    expect(location.startsWith(`${shop.nginx}/cdn/`)).toBe(true);
    const carried = await get(location);
    expect([carried.status, carried.bytes.equals(bytes)]).toEqual([200, true]);
    expect(Object.fromEntries(carried.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename*=UTF-8''${encodeURIComponent(name).replace("'", '%27')}`,
      'content-security-policy': expect.stringContaining('sandbox'),
      'x-content-type-options': 'nosniff',
    });
    const part = await get(location, { range: 'bytes=50000-' });
    expect([part.status, part.bytes.equals(bytes.subarray(50_000))]).toEqual([206, true]);
    for (const altered of [
      location.replace('as=attachment', 'as=inline'),
      location.replace('.bin', '.html'),
      location.replace(/expires=\d/, 'expires=9'),
      location.split('?')[0] ?? '',
    ])
      expect((await get(altered)).status, altered).toBe(404);
    const { pathname } = new URL(location);
    const cdn = { kind: 'nginx-secure-link', baseURL: `${shop.nginx}/cdn`, store: '', keyId: null, secret: shop.cdnSecret } as const;
    const file = { key: pathname.replace('/cdn/', ''), disposition: 'attachment', mimeType: 'application/octet-stream', fileName: name } as const;
    const now = new Date();
    expect((await get(signCdnURL(cdn, file, { now, expiresAt: new Date(now.getTime() + 60_000) }))).status).toBe(200);
    expect((await get(signCdnURL(cdn, file, { now, expiresAt: new Date(now.getTime() - 60_000) }))).status).toBe(410);
    expect(await shop.used(grant)).toEqual([1]);
    // The event says that it was handed over, and to which carrier.
    const { downloads } = (await shop.ask('GET', `/grants/${grant.transaction}/downloads`)).body as unknown as { downloads: { carrier: string }[] };
    expect(downloads.map(({ carrier }) => carrier)).toEqual(['cdn']);
  });

  test('a file whose bytes are unavailable counts as no download, also in a ZIP, and counts again when they are back', async () => {
    const bytes = randomBytes(50_000);
    const grant = await shop.sell(
      [
        { name: 'a.bin', bytes },
        { name: 'b.bin', bytes: randomBytes(10) },
      ],
      { maxDownloads: 1 },
    );
    const { stdout } = await run('find', [shop.objects, '-path', `*${grant.assetIds[0]}*`, '-type', 'f']);
    const [lost = ''] = stdout.trim().split('\n');
    await rename(lost, `${lost}.away`);
    expect((await get(only(grant).url)).status).toBe(503);
    await expect.poll(async () => await shop.used(grant)).toEqual([0, 0]);
    // The archive has already begun; it breaks off, and its client can continue.
    await expect(get(grant.zipURL)).rejects.toThrow();
    await rename(`${lost}.away`, lost);
    expect((await get(grant.zipURL)).status).toBe(200);
    expect((await get(only(grant).url)).bytes.equals(bytes)).toBe(true);
    expect(await shop.used(grant)).toEqual([1, 1]);
  });
});
