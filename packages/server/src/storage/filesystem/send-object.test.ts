import { readdirSync, readlinkSync } from 'node:fs';
import { Writable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { temporaryDirectory } from '../../../test/support/temporary-directory.ts';
import type { GetOptions, Store } from '../store.ts';
import { seeded } from '../conformance-objects.ts';
import { openFilesystemStore } from './open-filesystem-store.ts';

const root = await temporaryDirectory();
const store = await openFilesystemStore({ provider: 'filesystem', location: 'main', root });
const large = seeded(1_300_000);
await store.put('large', large, { contentType: 'image/png' });
await store.put('small', Buffer.from('small'), { contentType: 'image/png' });
await store.put('empty', Buffer.alloc(0), { contentType: 'image/png' });

const send = (from: Store, key: string, begin: () => Writable, options?: GetOptions) => from.send?.(key, begin, options) ?? expect.unreachable('no send');

/** Copies its input, like a socket, and takes its time about it. */
function copying(turns = 0): { reader: Writable; taken: Buffer[] } {
  const taken: Buffer[] = [];
  const write = async (piece: Buffer, done: () => void): Promise<void> => {
    for (let turn = 0; turn < turns; turn++) await nextTurn();
    taken.push(Buffer.from(piece));
    done();
  };
  return { taken, reader: new Writable({ highWaterMark: 1, write: (piece: Buffer, _encoding, done) => void write(piece, done) }) };
}

async function sent(key: string, options?: GetOptions): Promise<Buffer> {
  const { reader, taken } = copying();
  await send(store, key, () => reader, options);
  expect(reader.writableFinished).toBe(true);
  return Buffer.concat(taken);
}

describe('sending from the filesystem store', () => {
  test.each(['large', 'small', 'empty'])('writes what get answers, and ends the stream: a %s object', async (key) => {
    const stored = await store.get(key);
    expect((await sent(key)).equals(await buffer(stored?.body ?? expect.unreachable('not stored')))).toBe(true);
  });

  test.each([
    { start: 0, end: 0 },
    { start: 262_143, end: 262_144 },
    { start: 100, end: 1_299_999 },
    { start: 1_299_990, end: 9_999_999 },
  ])('writes the range $start–$end', async (range) => {
    expect((await sent('large', { range })).equals(large.subarray(range.start, range.end + 1))).toBe(true);
  });

  test('returns null and requests no stream if there is no such object', async () => {
    expect(await send(store, 'missing', () => expect.unreachable('asked for a stream'))).toBeNull();
  });

  test.skipIf(process.platform !== 'linux')('holds no file open for a reader that takes nothing, and goes on when it does', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const open = (): number =>
      readdirSync('/proc/self/fd').filter((descriptor) => {
        try {
          return readlinkSync(`/proc/self/fd/${descriptor}`).startsWith(root);
        } catch {
          return false;
        }
      }).length;
    const taken: Buffer[] = [];
    const [offered, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const write = async (piece: Buffer, done: () => void): Promise<void> => {
      offered.resolve();
      await goOn.promise;
      taken.push(Buffer.from(piece));
      done();
    };
    const reader = new Writable({ highWaterMark: 1, write: (piece: Buffer, _encoding, done) => void write(piece, done) });
    const sending = send(store, 'large', () => reader);
    await offered.promise;
    expect(open()).toBe(1);
    vi.advanceTimersByTime(1_000);
    await expect.poll(open).toBe(0);
    goOn.resolve();
    await sending;
    expect(Buffer.concat(taken).equals(large)).toBe(true);
    await expect.poll(open).toBe(0);
  });

  test('keeps data for slow readers intact, although buffers are reused', async () => {
    const readers = Array.from({ length: 40 }, (_, index) => copying(index % 7));
    await Promise.all(readers.map(({ reader }) => send(store, 'large', () => reader)));
    for (const { taken } of readers) expect(Buffer.concat(taken).equals(large)).toBe(true);
  });

  test('ends when its reader leaves in the middle, and does not reuse buffers that the reader may still hold', async () => {
    const held: Buffer[] = [];
    const reader = new Writable({ write: (piece: Buffer) => void held.push(piece) });
    const sending = send(store, 'large', () => reader);
    await expect.poll(() => held.length).toBe(1);
    const before = Buffer.from(held[0] ?? '');
    reader.destroy();
    await expect(sending).rejects.toThrow('reader has gone');
    await Promise.all(Array.from({ length: 20 }, () => sent('large', { range: { start: 500_000, end: 1_200_000 } })));
    expect(held[0]?.equals(before)).toBe(true);
  });

  test('ends when its signal aborts before the bytes are read', async () => {
    await expect(send(store, 'large', () => expect.unreachable('asked for a stream'), { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
      'enough',
    );
  });

  test('refuses a range that begins past the end, before it requests a stream', async () => {
    await expect(send(store, 'small', () => expect.unreachable('asked for a stream'), { range: { start: 5, end: 9 } })).rejects.toThrow('not within');
  });
});
