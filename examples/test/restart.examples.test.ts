import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { createClient } from '@safelight/client';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { startExample, type Running } from '../shared/start-example.ts';

let folder: string;
let running: Running | null = null;
beforeEach(async () => void (folder = await mkdtemp(path.join(tmpdir(), 'safelight-restart-'))));
afterEach(async () => {
  await running?.stop();
  running = null;
  await rm(folder, { recursive: true, force: true });
});
/** The shop, which ends with the test at the latest. */
const startShop = async (): Promise<Running> => (running = await startExample('creator-shop', { dataDir: folder }));

const noticesOf = async ({ url }: Running): Promise<string[]> => {
  const { notices } = (await (await fetch(`${url}/api/notices`)).json()) as { notices: { text: string }[] };
  return notices.map(({ text }) => text);
};
async function upload({ safelight }: Running, name: string): Promise<void> {
  const client = createClient({ baseURL: safelight.url, token: safelight.token });
  const file = new File([randomBytes(20_000)], name, { type: 'application/octet-stream' });
  await client.upload(file, { collection: 'product.files', entityType: 'product', entityId: 'course' }).result;
}

test('creator-shop: received messages are kept over a restart, and sales after it are received too', async () => {
  const first = await startShop();
  await upload(first, 'before.bin');
  await expect.poll(async () => await noticesOf(first)).toContain('before.bin is ready to be sold');
  await first.stop();

  const second = await startShop();
  expect(await noticesOf(second)).toContain('before.bin is ready to be sold');
  await upload(second, 'after.bin');
  await expect.poll(async () => await noticesOf(second)).toContain('after.bin is ready to be sold');
  await second.stop();
  await expect(fetch(second.url), 'the pages after the end').rejects.toThrow();
  await expect(fetch(second.safelight.url), 'Safelight after the end').rejects.toThrow();
});

test('creator-shop: a message that arrives twice is shown once', async () => {
  const shop = await startShop();
  const { webhooks } = createClient({ baseURL: shop.safelight.url, token: shop.safelight.token });
  await upload(shop, 'course.bin');
  await expect.poll(async () => await noticesOf(shop)).toEqual(['course.bin is ready to be sold']);
  const [endpoint] = await webhooks.list();
  const id = endpoint?.id ?? expect.fail('the shop has no endpoint');
  const readDelivery = async () => (await webhooks.deliveries(id)).deliveries.find(({ event }) => event === 'media_published');
  await expect.poll(async () => (await readDelivery())?.state).toBe('delivered');
  const delivery = (await readDelivery()) ?? expect.fail('nothing was delivered');
  await webhooks.redeliver(id, delivery.id);
  await expect.poll(async () => (await webhooks.delivery(id, delivery.id)).attempts.map(({ status }) => status)).toEqual([204, 204]);
  expect(await noticesOf(shop)).toEqual(['course.bin is ready to be sold']);
});

test('creator-shop: buyers download while the shop’s own server is down, and it receives the messages of that time when it is back', async () => {
  const shop = await startShop();
  await upload(shop, 'before.bin');
  await expect.poll(async () => await noticesOf(shop)).toContain('before.bin is ready to be sold');
  const { transaction } = (await (await fetch(`${shop.url}/api/buy`, { method: 'POST' })).json()) as { transaction: string };
  const { files } = await createClient({ baseURL: shop.safelight.url, token: shop.safelight.token }).grants.read(transaction);
  const download = async (): Promise<number> => (await (await fetch(files[0]?.url ?? '')).arrayBuffer()).byteLength;

  await shop.stopApplication();
  await expect(fetch(shop.url)).rejects.toThrow();
  expect(await download()).toBe(20_000);
  await upload(shop, 'meanwhile.bin');
  await shop.startApplication();
  expect(await download()).toBe(20_000);
  await expect.poll(async () => await noticesOf(shop)).toContain('meanwhile.bin is ready to be sold');
});
