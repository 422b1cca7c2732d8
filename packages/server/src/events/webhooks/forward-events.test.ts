import { randomUUID } from 'node:crypto';

import { expect, test } from 'vitest';

import { testDatabase } from '../../../test/support/database.ts';
import { emitOne } from '../../../test/support/events.ts';
import { receiver, webhookContext } from '../../../test/support/webhooks.ts';
import { signMessage } from '../../egress/sign-message.ts';
import { newSecret } from './endpoint-secrets.ts';
import { forwardEvents, type Forwarded } from './forward-events.ts';

const database = await testDatabase();
const { db } = database;

test('events from now on are forwarded once, signed, even if the receiver fails, and nothing is stored', async () => {
  const ending = new AbortController();
  const ctx = { ...webhookContext(database), signal: ending.signal };
  const application = await receiver((response, { body }) => response.writeHead(body.includes('"media_deleted"') ? 500 : 204).end());
  const secret = newSecret();
  const told = async (name: 'processing_started' | 'media_deleted'): Promise<string> => {
    const mediaId = randomUUID();
    await emitOne(db, { name, ownerId: 'ada', collection: 'c', mediaId, payload: {} });
    return mediaId;
  };
  await told('processing_started');
  const listening = Promise.withResolvers<void>();
  const got: Forwarded[] = [];
  const running = (async () => {
    for await (const one of forwardEvents(ctx, { url: application.url, secret, events: ['*'], onListening: listening.resolve, pollMs: 10 })) got.push(one);
  })();
  await listening.promise;
  const [first, second] = [await told('media_deleted'), await told('processing_started')];
  await emitOne(db, { name: 'upload_progress', ownerId: 'ada', payload: { progress: 0.5 } });
  await expect.poll(() => got.length, { timeout: 20_000 }).toBe(2);
  ending.abort();
  await running;
  expect(got.map(({ mediaId, outcome }) => [mediaId, outcome.status])).toEqual([
    [first, 500],
    [second, 204],
  ]);
  expect(application.got).toHaveLength(2);
  for (const { headers, body } of application.got) {
    const at = new Date(Number(headers['webhook-timestamp']) * 1000);
    expect(headers).toMatchObject(signMessage([secret], { id: String(headers['webhook-id']), body, at }));
  }
  expect(await db.selectFrom('webhook_endpoint').selectAll().execute()).toEqual([]);
});
