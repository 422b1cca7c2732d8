import { PassThrough, Readable } from 'node:stream';

import { expect, test } from 'vitest';

import { chunksOf } from './chunks-of.ts';

const never = new AbortController().signal;

test('yields every chunk in order, and ends with the body', async () => {
  const seen: string[] = [];
  for await (const chunk of chunksOf(Readable.from([Buffer.from('a'), Buffer.from('b')]), { signal: never })) seen.push(chunk.toString());
  expect(seen).toEqual(['a', 'b']);
});

test('ends as soon as its signal aborts, even if no byte comes, and leaves the body open', async () => {
  const body = new PassThrough();
  const asked = new AbortController();
  const reason = new Error('somebody else is waiting');
  const seen: string[] = [];
  body.write('a');
  const reading = (async () => {
    for await (const chunk of chunksOf(body, { signal: asked.signal, onWaiting: () => seen.length === 1 && queueMicrotask(() => asked.abort(reason)) }))
      seen.push(chunk.toString());
  })();
  await expect(reading).rejects.toBe(reason);
  expect(seen).toEqual(['a']);
  expect(body.destroyed).toBe(false);
});

test('reports when it waits and when something arrived', async () => {
  const told: string[] = [];
  for await (const _ of chunksOf(Readable.from([Buffer.from('a')]), {
    signal: never,
    onWaiting: () => told.push('waiting'),
    onChunk: () => told.push('chunk'),
  }))
    told.push('read');
  expect(told).toEqual(['waiting', 'chunk', 'read', 'waiting']);
});

test('fails if the body is cut off', async () => {
  const body = new PassThrough();
  body.write('a');
  const reading = (async () => {
    for await (const _ of chunksOf(body, { signal: never })) body.destroy(new Error('cut'));
  })();
  await expect(reading).rejects.toThrow('cut');
});
