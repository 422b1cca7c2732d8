import { setTimeout as delay } from 'node:timers/promises';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';

import { expect, test } from 'vitest';

import { owned } from '../lib/owned.ts';
import { endsStalled } from './ends-stalled.ts';

test('a body that stops arriving fails; one whose reader is slow arrives completely', async () => {
  const silent = owned(new Readable({ read: () => undefined }));
  silent.push('begun');
  await expect(buffer(endsStalled(silent, 50))).rejects.toThrow('no byte came');
  expect(silent.destroyed).toBe(true);

  const read: string[] = [];
  for await (const chunk of endsStalled(owned(Readable.from([Buffer.from('a'), Buffer.from('b')])), 50)) {
    await delay(120);
    read.push(String(chunk));
  }
  expect(read.join('')).toBe('ab');
});
