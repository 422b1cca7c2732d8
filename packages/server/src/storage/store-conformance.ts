import { randomBytes, randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { appendConformance } from './append-conformance.ts';
import { compareKeys } from './compare-keys.ts';
import { awkwardNames, chunked, everyKey, readAll, seeded, sha256, type ConformanceStore } from './conformance-objects.ts';
import { multipartConformance } from './multipart-conformance.ts';
import { presignConformance } from './presign-conformance.ts';
import { runLimited } from './run-limited.ts';
import type { Store } from './store.ts';
import { unnamedConformance } from './unnamed-conformance.ts';

/**
 * The guarantees of the store port, as tests that run unchanged for every adapter. A capability that an adapter declares absent is asserted absent,
 * never skipped. Safe on a shared bucket: everything lies below a random prefix and is deleted afterwards.
 */
export function storeConformance(name: string, makeStore: () => Promise<Store>): void {
  describe(`${name} keeps the promises of a store`, () => {
    let store: Store;
    const prefix = `conformance/${randomUUID()}/`;
    const key = (suffix: string): string => prefix + suffix;
    const under: ConformanceStore = {
      get store() {
        return store;
      },
      key,
    };
    const png = { contentType: 'image/png' };

    beforeAll(async () => {
      store = await makeStore();
    });

    afterAll(async () => {
      if (store === undefined) return;
      await store.delete(await everyKey(store, prefix));
      await store.close();
    });

    test('can be reached', async () => {
      await expect(store.check()).resolves.toBeUndefined();
    });

    test('gives back the bytes, size and digest of a buffer', async () => {
      const bytes = randomBytes(100_000);
      const put = await store.put(key('buffer'), bytes, png);
      expect(put).toMatchObject({ key: key('buffer'), bytes: bytes.length, sha256: sha256(bytes) });
      const got = await readAll(store, key('buffer'));
      expect(got?.equals(bytes)).toBe(true);
      const head = await store.head(key('buffer'));
      expect(head).toMatchObject({ key: key('buffer'), bytes: bytes.length, etag: put.etag });
      expect(head?.contentType).toBe(store.capabilities.keepsContentType ? 'image/png' : null);
      expect([null, sha256(bytes)]).toContain(head?.sha256);
      expect(Math.abs(Date.now() - (head?.modifiedAt.getTime() ?? 0))).toBeLessThan(120_000);
    });

    test('gives back a stream of unknown length, larger than any buffer on the way', async () => {
      const bytes = randomBytes(12_345_678);
      const progress: number[] = [];
      const put = await store.put(key('stream'), chunked(bytes, 70_001), { ...png, onProgress: (count) => progress.push(count) });
      expect(put).toMatchObject({ bytes: bytes.length, sha256: sha256(bytes) });
      expect(progress.at(-1)).toBe(bytes.length);
      expect(progress).toEqual(progress.toSorted((a, b) => a - b));
      expect((await readAll(store, key('stream')))?.equals(bytes)).toBe(true);
    });

    test('gives back a stream of known length and digest', async () => {
      const bytes = randomBytes(300_000);
      await store.put(key('known'), () => chunked(bytes, 65_536), { ...png, bytes: bytes.length, sha256: sha256(bytes) });
      expect((await readAll(store, key('known')))?.equals(bytes)).toBe(true);
    });

    test('keeps an empty object', async () => {
      expect(await store.put(key('empty'), Readable.from([]), { ...png, bytes: 0 })).toMatchObject({ bytes: 0, sha256: sha256(Buffer.alloc(0)) });
      expect((await readAll(store, key('empty')))?.length).toBe(0);
    });

    test.each([
      ['the first byte', 0, 0],
      ['a middle part', 100, 70_099],
      ['the last byte', 199_999, 199_999],
      ['past the end, which is cut', 199_990, 999_999],
    ])('answers the range of %s', async (_, start, end) => {
      const bytes = seeded(200_000);
      await store.put(key(`range-${start}`), bytes, png);
      const part = await store.get(key(`range-${start}`), { range: { start, end } });
      expect(part?.bytes).toBe(bytes.length);
      expect((await buffer(part?.body ?? Readable.from([]))).equals(bytes.subarray(start, end + 1))).toBe(true);
    });

    test('refuses a range that begins past the end', async () => {
      await store.put(key('range-past'), seeded(10), png);
      await expect(store.get(key('range-past'), { range: { start: 10, end: 20 } })).rejects.toMatchObject({ code: 'invalid_request' });
    });

    test('answers null for what is not there', async () => {
      expect(await store.get(key('missing'))).toBeNull();
      expect(await store.head(key('missing'))).toBeNull();
      expect(await store.get(key('no/such/folder/missing'), { range: { start: 0, end: 1 } })).toBeNull();
      expect(await store.head(key('no/such/folder/missing'))).toBeNull();
    });

    test('keeps the older object whole until the newer one is', async () => {
      const [older, newer] = [seeded(50_000), randomBytes(60_000)];
      await store.put(key('again'), older, png);
      await expect(store.put(key('again'), broken(newer, 30_000), png)).rejects.toThrow('the client went away');
      expect((await readAll(store, key('again')))?.equals(older)).toBe(true);
      await store.put(key('again'), newer, png);
      expect((await readAll(store, key('again')))?.equals(newer)).toBe(true);
    });

    test.each<[string, number, Record<string, unknown>, string]>([
      ['fewer bytes than declared', 1_000, { bytes: 1_001 }, 'upload_incomplete'],
      ['more bytes than declared', 1_000, { bytes: 999 }, 'upload_incomplete'],
      ['more bytes than allowed', 1_000, { maxBytes: 999 }, 'file_too_large'],
      ['bytes of another digest', 1_000, { sha256: sha256(Buffer.from('other')) }, 'checksum_mismatch'],
      ['more bytes than allowed in a long stream', 7_000_000, { maxBytes: 6_000_000 }, 'file_too_large'],
      ['a long stream of another digest', 7_000_000, { sha256: sha256(Buffer.from('other')) }, 'checksum_mismatch'],
    ])('refuses %s and keeps nothing', async (_, length, limits, code) => {
      const folder = key(`refused-${randomUUID()}/`);
      await expect(store.put(`${folder}stream`, chunked(seeded(length), 65_536), { ...png, ...limits })).rejects.toMatchObject({ code });
      await expect(store.put(`${folder}buffer`, seeded(length), { ...png, ...limits })).rejects.toMatchObject({ code });
      expect(await everyKey(store, folder)).toEqual([]);
    });

    test('ends an aborted put at once, also while its source stalls, and keeps nothing', async () => {
      const aborter = new AbortController();
      const source = stalled(seeded(200_000));
      const put = store.put(key('aborted'), source, { ...png, signal: aborter.signal, onProgress: () => setImmediate(() => aborter.abort()) });
      await expect(put).rejects.toMatchObject({ name: 'AbortError' });
      expect(source.destroyed).toBe(true);
      expect(await store.head(key('aborted'))).toBeNull();
    });

    test('does not begin when its signal has aborted before', async () => {
      const signal = AbortSignal.abort();
      await expect(store.put(key('never'), seeded(10), { ...png, signal })).rejects.toMatchObject({ name: 'AbortError' });
      await expect(store.get(key('buffer'), { signal })).rejects.toMatchObject({ name: 'AbortError' });
      await expect(store.head(key('buffer'), { signal })).rejects.toMatchObject({ name: 'AbortError' });
      await expect(store.list({ prefix, signal })).rejects.toMatchObject({ name: 'AbortError' });
      expect(await store.head(key('never'))).toBeNull();
    });

    test('ends the body of a get when its signal aborts', async () => {
      await store.put(key('long-read'), seeded(8_000_000), png);
      const aborter = new AbortController();
      const got = await store.get(key('long-read'), { signal: aborter.signal });
      const body = got?.body ?? Readable.from([]);
      await expect(
        (async () => {
          for await (const _ of body) aborter.abort();
        })(),
      ).rejects.toMatchObject({ name: 'AbortError' });
      expect(body.destroyed).toBe(true);
    });

    test('creates only when asked to', async () => {
      expect(store.capabilities.conditionalCreate).toBe(true);
      const first = seeded(1_000);
      await store.put(key('created'), first, { ...png, ifAbsent: true });
      await expect(store.put(key('created'), randomBytes(1_000), { ...png, ifAbsent: true })).rejects.toMatchObject({ code: 'conflict' });
      await expect(store.put(key('created'), chunked(randomBytes(6_000_000), 65_536), { ...png, ifAbsent: true })).rejects.toMatchObject({ code: 'conflict' });
      expect((await readAll(store, key('created')))?.equals(first)).toBe(true);
    });

    test('lets one of many simultaneous creators win', async () => {
      const bodies = Array.from({ length: 8 }, () => randomBytes(2_000));
      const outcomes = await Promise.allSettled(bodies.map((bytes) => store.put(key('raced'), bytes, { ...png, ifAbsent: true })));
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const winner = outcomes.findIndex(({ status }) => status === 'fulfilled');
      expect((await readAll(store, key('raced')))?.equals(bodies[winner] ?? Buffer.alloc(0))).toBe(true);
    });

    test('copies, also under a condition, and says so when there is nothing to copy', async () => {
      const bytes = seeded(5_000);
      await store.put(key('from'), bytes, png);
      expect(await store.copy(key('from'), key('copies/to'))).toMatchObject({ key: key('copies/to'), bytes: bytes.length });
      await expect(store.copy(key('from'), key('copies/to'), { ifAbsent: true })).rejects.toMatchObject({ code: 'conflict' });
      expect(await store.copy(key('from'), key('copies/new'), { ifAbsent: true })).toMatchObject({ bytes: bytes.length });
      await store.copy(key('from'), key('copies/to'));
      await expect(store.copy(key('nowhere'), key('copies/to'))).rejects.toMatchObject({ code: 'not_found' });
      await store.delete([key('from')]);
      expect((await readAll(store, key('copies/to')))?.equals(bytes)).toBe(true);
      expect((await store.head(key('copies/to')))?.contentType).toBe(store.capabilities.keepsContentType ? 'image/png' : null);
    });

    test('deletes many, counts what was not there as deleted, and names what it could not delete', async () => {
      const keys = ['a', 'b/c', 'b/d'].map((suffix) => key(`delete/${suffix}`));
      for (const each of keys) await store.put(each, seeded(10), png);
      const result = await store.delete([...keys, key('delete/never-was'), 'outside/../the/store']);
      expect(result.deleted.toSorted()).toEqual([...keys, key('delete/never-was')].toSorted());
      expect(result.failed).toEqual([{ key: 'outside/../the/store', reason: expect.stringContaining('..') }]);
      expect(await everyKey(store, key('delete/'))).toEqual([]);
      expect(await store.delete([])).toEqual({ deleted: [], failed: [] });
    });

    test.each(['', '/absolute', 'a//b', 'a/', '../up', 'a/../b', './a', 'a/.', 'nul\0byte', 'line\nbreak', 'back\\slash', '\ud800', 'k'.repeat(1_025)])(
      'refuses the key %j',
      async (bad) => {
        await expect(store.put(bad, seeded(1), png)).rejects.toMatchObject({ code: 'invalid_request' });
        await expect(store.get(bad)).rejects.toMatchObject({ code: 'invalid_request' });
        await expect(store.head(bad)).rejects.toMatchObject({ code: 'invalid_request' });
      },
    );

    test.each(awkwardNames)('keeps an object named %j apart from every other', async (awkward) => {
      const bytes = Buffer.from(awkward);
      await store.put(key(`awkward/${awkward}`), bytes, png);
      expect((await readAll(store, key(`awkward/${awkward}`)))?.equals(bytes)).toBe(true);
      expect((await store.list({ prefix: key(`awkward/${awkward}`) })).objects.map((object) => object.key)).toEqual([key(`awkward/${awkward}`)]);
      expect((await store.copy(key(`awkward/${awkward}`), key(`awkward-copy/${awkward}`))).bytes).toBe(bytes.length);
      expect(await store.delete([key(`awkward-copy/${awkward}`)])).toEqual({ deleted: [key(`awkward-copy/${awkward}`)], failed: [] });
      expect(await store.head(key(`awkward-copy/${awkward}`))).toBeNull();
    });

    test('lists whole keys in byte order, whatever their folders, page by page', async () => {
      const names = ['a', 'a-b', 'a.txt', 'a0', 'b/a', 'b/a-/x', 'b/a./x', 'b/a/x', 'b/ab', 'b-/x', 'b.', 'b0/x', 'é', '\u{e000}', '🦊', '日', 'Z'].filter(
        // A file system cannot hold an object and a folder of the same name.
        (each) => each !== 'b/a',
      );
      for (const each of names) await store.put(key(`order/${each}`), Buffer.from(each), png);
      const expected = names.map((each) => key(`order/${each}`)).sort(orderOf(store));
      for (const limit of [1, 2, 3, 7, 100]) expect(await everyKey(store, key('order/'), limit)).toEqual(expected);
      expect(await everyKey(store, key('order/b'), 2)).toEqual(expected.filter((each) => each.startsWith(key('order/b'))));
      // A cursor stays valid for as long as its reader needs it, in whatever order pages are requested.
      const cursors: string[] = [];
      for (let cursor: string | null = ''; cursor !== null && cursors.length < expected.length;) {
        ({ cursor } = await store.list({ prefix: key('order/'), limit: 1, ...(cursor !== '' && { cursor }) }));
        if (cursor !== null) cursors.push(cursor);
      }
      for (const [index, cursor] of [...cursors.entries()].reverse()) {
        const page = await store.list({ prefix: key('order/'), cursor, limit: 100 });
        expect(page.objects.map((object) => object.key)).toEqual(expected.slice(index + 1));
      }
      const page = await store.list({ prefix: key('order/'), limit: 100 });
      expect(page.objects.map(({ bytes }) => bytes)).toEqual(expected.map((each) => Buffer.byteLength(each.slice(key('order/').length))));
    });

    test('lists nothing below a prefix without objects, and never a sibling that begins alike', async () => {
      await store.put(key('images2/x'), seeded(1), png);
      expect(await store.list({ prefix: key('images/') })).toEqual({ objects: [], cursor: null });
      expect(await everyKey(store, key('images2/'))).toEqual([key('images2/x')]);
    });

    test('lists and deletes past a thousand', { timeout: 120_000 }, async () => {
      const keys = Array.from({ length: 1_005 }, (_, index) => key(`many/${index % 7}/${String(index).padStart(4, '0')}`));
      await runLimited(keys, 32, async (each) => void (await store.put(each, Buffer.from('x'), png)));
      expect(await everyKey(store, key('many/'))).toEqual(keys.toSorted(compareKeys));
      expect(await everyKey(store, key('many/'), 400)).toEqual(keys.toSorted(compareKeys));
      const { deleted, failed } = await store.delete(keys);
      expect([deleted.length, failed]).toEqual([keys.length, []]);
      expect(await everyKey(store, key('many/'))).toEqual([]);
    });

    test('names a local path only where it has one', () => {
      expect(store.localPath !== undefined).toBe(store.capabilities.localPath);
    });

    test('knows the URLs that are its own, and only those', async () => {
      const foreign = new URL('https://example.com/media/a.png');
      expect(store.parseUrl?.(foreign) ?? null).toBeNull();
    });

    multipartConformance(under);
    appendConformance(under);
    unnamedConformance(under);
    presignConformance(under);
  });
}

/** As declared by `capabilities.listOrder`; JavaScript's own order is that of UTF-16. */
const orderOf = (store: Store): ((a: string, b: string) => number) =>
  store.capabilities.listOrder === 'bytes' ? compareKeys : (a, b) => (a < b ? -1 : Number(a > b));

function broken(bytes: Buffer, after: number): Readable {
  return Readable.from(
    (function* () {
      yield bytes.subarray(0, after);
      throw new Error('the client went away');
    })(),
    { objectMode: false },
  );
}

function stalled(bytes: Buffer): Readable {
  return new Readable({
    read() {
      this.push(bytes);
      this._read = () => undefined;
    },
  });
}
