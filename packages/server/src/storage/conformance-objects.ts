import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Store } from './store.ts';

/** An open store, a prefix that nobody else writes to, and keys below it. */
export type ConformanceStore = { readonly store: Store; key(name: string): string };

/** Names that some provider, proxy or file system is known to change, refuse or order differently. */
export const awkwardNames = [
  'with space.png',
  'plus+and&amp;.png',
  '100%25 of 50%.png',
  'question?hash#.png',
  'ünïcödé-日本語-🦊.png',
  `\u{e000}-private.png`,
  'quote\'s "double" <angle>.png',
  'colon:pipe|star*.png',
  'dot.',
  '.hidden',
  '~tilde~',
  `${'long-'.repeat(60)}end.png`,
  `${'日本'.repeat(80)}.png`,
];

export const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** Deterministic bytes without nearby repetition, so that a misplaced part shows. */
export function seeded(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let index = 0, state = 1; index < length; index += 1) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    bytes[index] = state >>> 16;
  }
  return bytes;
}

export const chunked = (bytes: Buffer, size: number): Readable => Readable.from(pieces(bytes, size), { objectMode: false });

function* pieces(bytes: Buffer, size: number): Generator<Buffer> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

export async function readAll(store: Store, key: string): Promise<Buffer | null> {
  const got = await store.get(key);
  return got === null ? null : buffer(got.body);
}

export async function everyKey(store: Store, prefix: string, limit?: number): Promise<string[]> {
  const keys: string[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<Store['list']>> = await store.list({ prefix, ...(cursor !== null && { cursor }), ...(limit !== undefined && { limit }) });
    if (limit !== undefined && page.objects.length > limit) throw new Error(`A page of ${page.objects.length} where at most ${limit} were asked for.`);
    keys.push(...page.objects.map((object) => object.key));
    cursor = page.cursor;
  } while (cursor !== null);
  return keys;
}
