import { hash } from 'node:crypto';
import type { Readable } from 'node:stream';

import { expect, test, vi } from 'vitest';

import { keepSmall, type KeptLimits } from './keep-small.ts';
import { openMemoryStore } from './memory/open-memory-store.ts';
import type { Store } from './store.ts';
import { storesOf } from './stores.ts';

const type = { contentType: 'text/plain' };

/** A store with everything that the limits say, and the reads that still reach the store behind it. */
function keeping(
  limits: Partial<KeptLimits> = {},
  onBody: (body: Readable) => void = () => {},
): { store: Store; reads: string[]; recall(key: string, text: string): Promise<string | null> } {
  const behind = openMemoryStore({ provider: 'mocked', location: 'memory' });
  const reads: string[] = [];
  const counted: Store = {
    ...behind,
    async get(key, options) {
      reads.push(key);
      const stored = await behind.get(key, options);
      if (stored !== null) onBody(stored.body);
      return stored;
    },
  };
  const store = keepSmall(storesOf([counted], { staging: 'mocked:memory', final: 'mocked:memory' }), limits).active('final');
  const recall = async (key: string, text: string): Promise<string | null> =>
    (await store.recall?.(key, { bytes: Buffer.byteLength(text), sha256: hash('sha256', text) }))?.toString() ?? null;
  return { store, reads, recall };
}

test('an object is kept from its second read on, and read from its store no more', async () => {
  const { store, reads, recall } = keeping();
  await store.put('a', Buffer.from('abc'), type);
  expect(await recall('a', 'abc')).toBeNull();
  expect(reads).toEqual([]);
  for (const _ of [1, 2, 3]) expect(await recall('a', 'abc')).toBe('abc');
  expect(reads).toEqual(['a']);
});

test('bytes without the expected digest or size are not kept and not answered', async () => {
  const { store, recall } = keeping();
  await store.put('a', Buffer.from('abd'), type);
  for (const _ of [1, 2, 3]) expect(await recall('a', 'abc')).toBeNull();
  await store.put('b', Buffer.from('abc, and more'), type);
  for (const _ of [1, 2, 3]) expect(await recall('b', 'abc')).toBeNull();
});

test('an object of another size is not read to its end', async () => {
  const bodies: Readable[] = [];
  const { store, recall } = keeping({}, (body) => bodies.push(body));
  await store.put('a', Buffer.alloc(1 << 20), type);
  for (const _ of [1, 2]) expect(await recall('a', 'abc')).toBeNull();
  expect(bodies.map((body) => [body.readableDidRead, body.destroyed])).toEqual([[false, true]]);
});

test('what is kept under one digest is not answered for another', async () => {
  const { store, recall } = keeping();
  await store.put('a', Buffer.from('old'), type);
  for (const _ of [1, 2]) await recall('a', 'old');
  expect(await recall('a', 'new')).toBeNull();
});

test('a removed object is dropped at once', async () => {
  const { store, recall } = keeping();
  await store.put('a', Buffer.from('abc'), type);
  for (const _ of [1, 2]) await recall('a', 'abc');
  await store.delete(['a']);
  for (const _ of [1, 2, 3]) expect(await recall('a', 'abc')).toBeNull();
});

test('an object that is removed while it is read is not kept', async () => {
  const { store, recall } = keeping();
  await store.put('a', Buffer.from('abc'), type);
  await recall('a', 'abc');
  const reading = recall('a', 'abc');
  await store.delete(['a']);
  await reading;
  for (const _ of [1, 2]) expect(await recall('a', 'abc')).toBeNull();
});

test('nothing is kept for longer than a minute, whether it is read meanwhile or not', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  try {
    const { store, reads, recall } = keeping();
    await store.put('a', Buffer.from('abc'), type);
    for (const _ of [1, 2]) await recall('a', 'abc');
    vi.advanceTimersByTime(50_000);
    expect(await recall('a', 'abc')).toBe('abc');
    vi.advanceTimersByTime(20_000);
    expect(vi.getTimerCount()).toBe(0);
    expect(await recall('a', 'abc')).toBeNull();
    expect(reads).toEqual(['a']);
  } finally {
    vi.useRealTimers();
  }
});

test('the least recently read objects make room, and larger ones are never kept', async () => {
  const { store, recall } = keeping({ largest: 1_000, most: 3_500 });
  const text = 'x'.repeat(1_000);
  for (const key of ['a', 'b', 'c']) await store.put(key, Buffer.from(text), type);
  for (const key of ['a', 'a', 'b', 'b', 'a']) await recall(key, text);
  for (const _ of [1, 2]) await recall('c', text);
  expect(await recall('a', text)).toBe(text);
  expect(await recall('b', text)).toBeNull();
  await store.put('d', Buffer.from(`${text}.`), type);
  for (const _ of [1, 2, 3]) expect(await recall('d', `${text}.`)).toBeNull();
});
