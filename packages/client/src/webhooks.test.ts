import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';

import { verifyWebhook } from './webhooks.ts';

const secret = `whsec_${Buffer.alloc(32, 9).toString('base64')}`;
const other = `whsec_${Buffer.alloc(32, 8).toString('base64')}`;
const body = '{"type":"webhook_test","timestamp":"2023-11-14T22:13:20.000Z","data":{"at":"é✓"}}';
const now = new Date(1_700_000_000_000);
/** A signature of the `standardwebhooks` library. */
const headers = { 'webhook-id': 'msg_2', 'webhook-timestamp': '1700000000', 'webhook-signature': 'v1,vCdLdatU1YGTQUDYM1A3SJbSUmGtYLKJljwpekGF7cE=' };

test('a current signature of the official library is accepted, and equals the expected one', async () => {
  expect(new Webhook(secret).sign('msg_2', now, body)).toBe(headers['webhook-signature']);
  const at = new Date();
  const signed = { ...headers, 'webhook-timestamp': String(Math.floor(at.getTime() / 1000)), 'webhook-signature': new Webhook(secret).sign('msg_2', at, body) };
  expect(await verifyWebhook(body, signed, [other, secret])).toEqual(JSON.parse(body));
});

test('a message that the official library signed is accepted, in every form of headers and body', async () => {
  const event = JSON.parse(body) as unknown;
  expect(await verifyWebhook(body, headers, secret, { now })).toEqual(event);
  expect(await verifyWebhook(new TextEncoder().encode(body), new Headers(headers), [other, secret], { now })).toEqual(event);
  const upper = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toUpperCase(), [value]]));
  expect(await verifyWebhook(body, upper, secret, { now })).toEqual(event);
  const both = { ...headers, 'webhook-signature': `v1,AAAA v2,x ${headers['webhook-signature']}` };
  expect(await verifyWebhook(body, both, secret, { now })).toEqual(event);
});

test.each([
  ['another secret', body, headers, other, now],
  ['a changed body', body.replace('é', 'e'), headers, secret, now],
  ['another id', body, { ...headers, 'webhook-id': 'msg_3' }, secret, now],
  ['an old message', body, headers, secret, new Date(now.getTime() + 301_000)],
  ['a message from the future', body, headers, secret, new Date(now.getTime() - 301_000)],
  ['a timestamp that is none', body, { ...headers, 'webhook-timestamp': 'NaN' }, secret, now],
  ['no signature', body, { ...headers, 'webhook-signature': '' }, secret, now],
  ['a signature that is no base64', body, { ...headers, 'webhook-signature': 'v1,%%%' }, secret, now],
  ['headers that are missing', body, {}, secret, now],
])('%s is refused', async (_what, given, its, key, at) => {
  await expect(verifyWebhook(given, its, key, { now: at })).rejects.toMatchObject({ name: 'WebhookRefused' });
});
