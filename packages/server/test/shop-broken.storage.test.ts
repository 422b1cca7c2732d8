import { randomBytes } from 'node:crypto';
import { readFile, truncate } from 'node:fs/promises';
import path from 'node:path';

import pg from 'pg';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import { startFaultProxy } from './support/fault-proxy.ts';
import { whyNoNginx } from './support/nginx.ts';
import { at, get, only, startShop, type Shop } from './support/shop.ts';
import { whyNoVarnish } from './support/varnish.ts';

const reason = whyNoNginx() ?? whyNoVarnish();

describe.skipIf(reason !== null)(
  `what becomes of a shop on two servers that is searched, worn out and broken${reason === null ? '' : ` (skipped: ${reason})`}`,
  () => {
    let shop: Shop;
    beforeAll(async () => {
      shop = await startShop();
    });
    afterAll(async () => await shop?.stop());

    const other = (): string => shop.servers[1] ?? '';
    const large = randomBytes(24 * 2 ** 20);

    test('ten thousand guesses, of numbers that exist and do not, on every route and with every wrong proof, get the same answer', async () => {
      const grant = await shop.sell([{ name: 'a.bin', bytes: randomBytes(10) }]);
      const [door, file] = [only(grant), only(await shop.sell([{ name: 'b.bin', bytes: randomBytes(10) }]))];
      const token = new URL(file.url).search;
      const doors = ['', '/all.zip', `/${door.mediaId}`, `/${file.mediaId}`, '/00000000-0000-7000-8000-000000000000', '/not-an-id'];
      const proofs = ['', '?access=1.shop.abc', '?access=', '?access=a&access=b', '?signature=abc', token];
      const bodies = new Set<string>();
      const guess = async (turn: number): Promise<void> => {
        const transaction = turn % 2 === 0 ? grant.transaction : `order-${turn}`;
        const asked = `/access-media/${transaction}${doors[turn % doors.length]}${proofs[Math.floor(turn / 12) % proofs.length]}`;
        const answer = await get(`${shop.servers[turn % 3 === 0 ? 0 : 1] ?? ''}${asked}`);
        expect(answer.status, asked).toBe(404);
        expect(
          [...answer.headers.keys()].filter((name) => ['etag', 'repr-digest', 'content-disposition', 'accept-ranges'].includes(name)),
          asked,
        ).toEqual([]);
        const { requestId, ...body } = JSON.parse(answer.bytes.toString()) as Record<string, unknown>;
        expect(requestId).toEqual(expect.any(String));
        bodies.add(JSON.stringify([body, answer.headers.get('cache-control')]));
      };
      for (let turn = 0; turn < 10_000; turn += 20) await Promise.all(Array.from({ length: 20 }, async (_, index) => await guess(turn + index)));
      expect([...bodies]).toHaveLength(1);
    });

    test('a retired signing key is refused at the next request, and an older one that is still configured is accepted', async () => {
      const grant = await shop.sell([{ name: 'a.bin', bytes: randomBytes(1000) }]);
      const signed = (await shop.ask('POST', `/media/${only(grant).mediaId}/signed-url`, {})).body['url'] as string;
      const fresh = `fresh:${randomBytes(32).toString('hex')}`;
      const { url: rotated } = await shop.serveWith({ SAFELIGHT_SIGNING_KEYS: `${fresh},${shop.signingKeys}` });
      const { url: retired } = await shop.serveWith({ SAFELIGHT_SIGNING_KEYS: fresh });
      for (const url of [only(grant).url, grant.zipURL, grant.accessURL, signed])
        expect([(await get(at(rotated, url))).status, (await get(at(retired, url))).status], url).toEqual([200, 404]);
    });

    test('an archive of five gigabytes takes no more memory than an empty one', async () => {
      const grant = await shop.sell([1, 2].map((index) => ({ name: `${index}.bin`, bytes: randomBytes(1000) })));
      const bytes = 2.5 * 2 ** 30;
      const database = new pg.Client({ connectionString: shop.database });
      await database.connect();
      // Sparse files take no space on the disk.
      for (const id of grant.assetIds) {
        const { rows } = await database.query<{ key: string }>(
          `update object set bytes = $2, crc32 = 0 where asset_id = $1 and role = 'source' returning key`,
          [id, bytes],
        );
        await truncate(path.join(shop.objects, rows[0]?.key ?? ''), bytes);
      }
      await database.end();
      const resident = async (): Promise<number> => Number(/VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${shop.pid}/status`, 'utf8'))?.[1]) / 1024;
      // Its peak from sending alone.
      await get(at(other(), (await shop.sell([{ name: 'warm.bin', bytes: large }])).zipURL));
      const before = await resident();
      const answer = await fetch(at(other(), grant.zipURL));
      let [sent, most, turn] = [0, 0, 0];
      for await (const chunk of answer.body ?? []) {
        sent += (chunk as Uint8Array).length;
        if ((turn += 1) % 500 === 0) most = Math.max(most, await resident());
      }
      expect(sent).toBe(Number(answer.headers.get('content-length')));
      expect(sent).toBeGreaterThan(2 * bytes);
      expect(most - before).toBeLessThan(64);
    });

    // The last tests, because nothing is left of the shop after them.
    test('a server that dies between counting a download and sending its first byte gives it back when the window has ended, and once', async () => {
      const bytes = randomBytes(50_000);
      const grant = await shop.sell([{ name: 'a.bin', bytes }], { maxDownloads: 1 });
      // The server never hears that the download was counted.
      const proxy = await startFaultProxy(shop.database.replace('postgres:', 'http:'), () => ({ kind: 'lost answer', to: /take_downloads/, isSilent: true }));
      onTestFinished(async () => await proxy.stop());
      const mortal = await shop.serveWith({ DATABASE_URL: Object.assign(new URL(shop.database), { host: new URL(proxy.origin).host }).href });
      const waiting = get(at(mortal.url, only(grant).url)).then(
        () => 'answered',
        () => 'nothing',
      );
      await expect.poll(async () => await shop.used(grant)).toEqual([1]);
      await mortal.kill();
      expect(await waiting).toBe('nothing');
      const url = at(other(), only(grant).url);
      expect((await get(url, { 'user-agent': 'another' })).status).toBe(403);
      const database = new pg.Client({ connectionString: shop.database });
      await database.connect();
      const end = async (): Promise<unknown> =>
        await database.query(`update download set until = now() - interval '1 second' where asset_id = $1`, [grant.assetIds[0]]);
      await end();
      expect((await get(url, { 'user-agent': 'another' })).bytes.equals(bytes)).toBe(true);
      await expect
        .poll(async () => (await database.query(`select 1 from download where asset_id = $1 and state = 'complete'`, [grant.assetIds[0]])).rowCount)
        .toBe(1);
      await end();
      await database.end();
      expect((await get(url, { 'user-agent': 'a third' })).status).toBe(403);
    });

    test('a server that dies in the middle of a download has spent one, and another server continues it', async () => {
      const grant = await shop.sell([{ name: 'film.bin', bytes: large }], { maxDownloads: 1 });
      const url = at(other(), only(grant).url);
      const answer = await fetch(at(shop.servers[0] ?? '', only(grant).url));
      const reader = answer.body?.getReader();
      const { value: first } = (await reader?.read()) ?? {};
      expect(first?.length).toBeGreaterThan(0);
      await shop.killFirst();
      await reader?.cancel().catch(() => undefined);
      const rest = await get(url, { range: `bytes=${first?.length}-` });
      expect([rest.status, Buffer.concat([first ?? Buffer.alloc(0), rest.bytes]).equals(large)]).toEqual([206, true]);
      expect((await get(url, { 'user-agent': 'another' })).status).toBe(403);
    });

    test('while the database is away nobody gets a byte, and everybody is told when to retry', async () => {
      await shop.loseDatabase();
      const answer = await get(`${other()}/access-media/order-1/00000000-0000-7000-8000-000000000000?access=1.shop.x`);
      expect([answer.status, answer.bytes.includes('"code"')]).toEqual([503, true]);
    });
  },
);
