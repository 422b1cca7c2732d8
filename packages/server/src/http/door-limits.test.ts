import fastify from 'fastify';
import { expect, onTestFinished, test } from 'vitest';

import { registerAccessDoors } from './access-doors.ts';
import { createDoorLimits } from './door-limits.ts';

const settings = { opensPerMinute: 60, streams: 2, wrongProofsPerMinute: 3, previewBots: ['slackbot'] };

test('a limited number of answers is sent at once under one grant, and each that ends allows another', () => {
  const limits = createDoorLimits(settings);
  const first = limits.takeStream('a');
  expect(limits.takeStream('a')).not.toBeNull();
  expect(limits.takeStream('a')).toBeNull();
  expect(limits.takeStream('b')).not.toBeNull();
  first?.();
  first?.();
  expect(limits.takeStream('a')).not.toBeNull();
  expect(limits.takeStream('a')).toBeNull();
});

test('wrong proofs are limited per address and minute, and other addresses are not affected', () => {
  let now = 0;
  const limits = createDoorLimits(settings, () => now);
  const show = (address: string) => limits.countWrongProof(address);
  for (let turn = 0; turn < 3; turn++) show('203.0.113.7');
  expect(() => show('203.0.113.7')).toThrow(expect.objectContaining({ code: 'rate_limited', headers: { 'retry-after': '60' } }));
  expect(() => show('203.0.113.8')).not.toThrow();
  now = 60_000;
  expect(() => show('203.0.113.7')).not.toThrow();
  for (let turn = 0; turn < 3; turn++) show(`2001:db8:1:${turn}::1`);
  expect(() => show('2001:db8:1:ffff::1')).toThrow(expect.objectContaining({ code: 'rate_limited' }));
});

test('a route counts wrong proofs, in both forms, and not missing ones', async () => {
  const app = fastify();
  onTestFinished(async () => await app.close());
  const unreached = () => {
    throw new Error('nothing is asked of the product for what cannot be a transaction');
  };
  registerAccessDoors(app, {
    authenticate: unreached,
    contextOf: unreached,
    doors: {
      limits: createDoorLimits(settings),
      refusals: { count: () => undefined, close: async () => undefined },
      settlements: { add: () => undefined, close: async () => undefined },
    },
  });
  const ask = async (query: string, accept = '*/*') => await app.inject({ url: `/access-media/no%20transaction${query}`, headers: { accept } });
  for (let turn = 0; turn < 5; turn++) expect((await ask('')).statusCode).toBe(404);
  for (const query of ['?access=x', '?signature=x', '?access=x']) expect((await ask(query)).statusCode).toBe(404);
  for (const accept of ['*/*', 'text/html']) {
    const limited = await ask('?access=x', accept);
    expect({ status: limited.statusCode, wait: Number(limited.headers['retry-after']) > 0 }).toEqual({ status: 429, wait: true });
  }
  expect((await ask('')).statusCode).toBe(404);
});
