import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';

import { isMessageSecret, signMessage } from './sign-message.ts';

const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', body: '{"test": 2432232314}', at: new Date(1_614_265_330_000) };
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

test('a message is signed like the example of Standard Webhooks', () => {
  expect(signMessage([secret], message)).toEqual({
    'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    'webhook-timestamp': '1614265330',
    'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  });
});

test('during a rotation both secrets sign', () => {
  const other = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  expect(signMessage([other, secret], message)['webhook-signature']).toMatch(/^v1,\S+ v1,g0hM9SsE\+OTPJTGt\/tmIKtSyZlE3uFJELVlNIOLJ1OE=$/);
});

test('the official library verifies our signatures, with either secret of a rotation, and rejects altered messages', () => {
  const other = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
  const fresh = { ...message, at: new Date() };
  const headers = signMessage([other, secret], fresh);
  for (const one of [other, secret]) expect(new Webhook(one).verify(fresh.body, headers)).toEqual(JSON.parse(fresh.body));
  expect(() => new Webhook(secret).verify(`${fresh.body} `, headers)).toThrow('No matching signature');
});

test.each([
  [secret, true],
  [`whsec_${Buffer.alloc(32).toString('base64')}`, true],
  [`whsec_${Buffer.alloc(16).toString('base64')}`, false],
  ['a plain text of more than twenty-four characters', false],
  ['whsec_not base64 at all, and long enough', false],
])('whether %s is a secret that verifiers take: %s', (text, taken) => {
  expect(isMessageSecret(text)).toBe(taken);
});
