import { randomUUID } from 'node:crypto';
import path from 'node:path';

import { expect, test } from 'vitest';

import { testDatabase } from '../../test/support/database.ts';
import { emitOne } from '../../test/support/events.ts';
import { temporaryDirectory } from '../../test/support/temporary-directory.ts';
import { deliverers, receiver, webhookContext } from '../../test/support/webhooks.ts';
import { createSealing } from '../lib/sealing.ts';
import type { Command } from './command.ts';
import { createTerminal } from './terminal.ts';
import * as commands from './webhooks.ts';

const database = await testDatabase({ max: 10 });
const signingKey = { id: 'k', secret: 'k'.repeat(32) };
const env = {
  DATABASE_URL: database.connectionString,
  SAFELIGHT_DATA_DIR: await temporaryDirectory(),
  SAFELIGHT_ENV: 'development',
  SAFELIGHT_SIGNING_KEYS: `${signingKey.id}:${signingKey.secret}`,
};
const run = async (command: Command, args: string[] = [], options: Record<string, string | boolean> = {}): Promise<string> => {
  const cwd = path.resolve(import.meta.dirname, '../../../..');
  const { text } = await command.run({ arguments: args, options, terminal: createTerminal({ json: false }), signal: new AbortController().signal, env, cwd });
  return text ?? '';
};

test('an address that is none is refused in the words of the API', async () => {
  await expect(run(commands.webhooksAdd, ['x'])).rejects.toThrow('url: must be a whole address, like https://example.com/.');
});

test('an endpoint can be managed on the command line from beginning to end', async () => {
  const ctx = webhookContext(database);
  let down = true;
  const application = await receiver((response) => response.writeHead(down ? 410 : 204).end());
  expect(await run(commands.webhooksList)).toBe('There are no endpoints.');
  const [id = '', secret] = (await run(commands.webhooksAdd, [application.url], { events: 'media_published, processing_started' })).split('\n');
  expect(secret).toMatch(/^whsec_/);
  await deliverers(database, { ...ctx, site: { ...ctx.site, webhooks: { ...ctx.site.webhooks, sealing: createSealing([signingKey]) } } });
  const since = new Date(Date.now() - 1_000).toISOString();
  await emitOne(database.db, { name: 'processing_started', ownerId: 'ada', mediaId: randomUUID(), payload: {} });
  const listed = async (): Promise<string> => await run(commands.webhooksList);
  await expect.poll(listed, { timeout: 20_000 }).toMatch(/media_published,processing_started +disabled +0 +0 +1 +It answered 410/);
  down = false;
  expect(await run(commands.webhooksEnable, [id])).toBe(`${application.url} is enabled.`);
  expect(await run(commands.webhooksReplay, [id], { since })).toBe('1 are delivered again.');
  const delivered = async (): Promise<string> => await run(commands.webhooksDeliveries, [id], { state: 'delivered' });
  await expect.poll(delivered, { timeout: 20_000 }).toMatch(/processing_started +delivered +2/);
  const delivery = (await delivered()).split('\n')[1]?.split(' ')[0] ?? '';
  expect(await run(commands.webhooksRedeliver, [id, delivery])).toBe(`Sent again: ${delivery}.`);
  await expect.poll(delivered, { timeout: 20_000 }).toMatch(/processing_started +delivered +3/);
  expect(await run(commands.webhooksTest, [id])).toMatch(/^[0-9a-f-]{36}$/);
  await expect.poll(delivered, { timeout: 20_000 }).toMatch(/webhook_test +delivered +1/);
  expect(await run(commands.webhooksRotate, [id], { overlap: '60' })).not.toBe(secret);
  expect(await run(commands.webhooksDisable, [id])).toBe(`${application.url} is disabled.`);
  expect(await run(commands.webhooksRemove, [id])).toBe(`Removed ${application.url}.`);
  await expect(run(commands.webhooksDeliveries, [id])).rejects.toMatchObject({ code: 'not_found' });
  await expect(run(commands.webhooksAdd, ['https://shop.example/'], { events: 'media_eaten' })).rejects.toThrow('events.0');
});
