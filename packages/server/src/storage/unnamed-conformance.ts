import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { everyKey, readAll, seeded, sha256, type ConformanceStore } from './conformance-objects.ts';
import type { Unnamed } from './store.ts';

/** Tests of objects that get their names later, for stores that have them. */
export function unnamedConformance(under: ConformanceStore): void {
  const { key } = under;
  const unnamed = (): Unnamed => {
    if (under.store.unnamed === undefined) throw new Error('This store names what it takes at once.');
    return under.store.unnamed;
  };
  const png = { contentType: 'image/png' };
  const bytes = seeded(50_000);
  const left = async (): Promise<string[]> => (await unnamed().list()).map((entry) => entry.key);

  describe('objects that get their names later', () => {
    test('are not listed before that, and are known to the sweeper', async () => {
      if (under.store.unnamed === undefined) return expect(under.store.provider).not.toBe('filesystem');
      const put = await unnamed().put(key('later/a'), [bytes], png);
      expect(put).toMatchObject({ key: key('later/a'), bytes: bytes.length, sha256: sha256(bytes), crc32: expect.any(Number) });
      expect(await everyKey(under.store, key('later/'))).toEqual([]);
      expect(await left()).toEqual([key('later/a')]);
      await unnamed().publish(key('later/a'));
      await unnamed().publish(key('later/a'));
      expect(await everyKey(under.store, key('later/'))).toEqual([key('later/a')]);
      expect(await left()).toEqual([]);
      expect(await under.store.head(key('later/a'))).toMatchObject({ bytes: bytes.length, etag: put?.etag });
    });

    test('are read whole by whoever asks for them before their writer has named them', async () => {
      if (under.store.unnamed === undefined) return;
      const names = ['get', 'head', 'copy', 'range'].map((name) => key(`later/read/${name}`));
      for (const name of names) await unnamed().put(name, [bytes], png);
      const [get = '', head = '', copied = '', range = ''] = names;
      expect((await readAll(under.store, get))?.equals(bytes)).toBe(true);
      expect(await under.store.head(head)).toMatchObject({ bytes: bytes.length });
      expect(await under.store.copy(copied, key('later/copied'))).toMatchObject({ bytes: bytes.length });
      const piece = await under.store.get(range, { range: { start: 10, end: 19 } });
      expect(piece && (await buffer(piece.body)).equals(bytes.subarray(10, 20))).toBe(true);
      await Promise.all(names.map(async (name) => await unnamed().publish(name)));
      expect((await everyKey(under.store, key('later/read/'))).toSorted()).toEqual(names.toSorted());
    });

    test('are gone once they are deleted, with the name or without, and no late naming brings them back', async () => {
      if (under.store.unnamed === undefined) return;
      for (const name of [key('later/gone'), key('later/named')]) await unnamed().put(name, [bytes], png);
      await unnamed().publish(key('later/named'));
      expect(await under.store.delete([key('later/gone'), key('later/named')])).toMatchObject({ failed: [] });
      for (const name of [key('later/gone'), key('later/named')]) {
        await unnamed().publish(name);
        expect(await under.store.get(name)).toBeNull();
      }
      expect(await left()).toEqual([]);
    });

    test('end named or deleted, never in between, when both are asked for at once', async () => {
      if (under.store.unnamed === undefined) return;
      const names = Array.from({ length: 40 }, (_, n) => key(`later/raced/${n}/file`));
      for (const name of names) await unnamed().put(name, [bytes], png);
      await Promise.all(
        names.flatMap((name) => [unnamed().publish(name), under.store.delete([name]), under.store.head(name), unnamed().publish(name)] as Promise<unknown>[]),
      );
      expect(await everyKey(under.store, key('later/raced/'))).toEqual([]);
      expect(await left()).toEqual([]);
    });

    test('leave nothing when their bytes are refused', async () => {
      if (under.store.unnamed === undefined) return;
      await expect(unnamed().put(key('later/large'), [bytes], { ...png, maxBytes: 10 })).rejects.toMatchObject({ code: 'file_too_large' });
      await expect(unnamed().put(key('later/other'), [bytes], { ...png, sha256: sha256(Buffer.from('x')) })).rejects.toMatchObject({
        code: 'checksum_mismatch',
      });
      expect(await left()).toEqual([]);
    });

    test('are of the first writer of their key; those of others are refused, until they are given up', async () => {
      if (under.store.unnamed === undefined) return;
      const name = key('later/contended');
      const answers = await Promise.allSettled([1, 2, 3].map(async (fill) => await unnamed().put(name, [Buffer.alloc(50_000, fill)], png)));
      const won = answers.findIndex(({ status }) => status === 'fulfilled');
      expect(answers.filter(({ status }) => status === 'rejected')).toMatchObject([{ reason: { code: 'conflict' } }, { reason: { code: 'conflict' } }]);
      await unnamed().discard(name);
      expect(await left()).toEqual([]);
      await unnamed().put(name, [Buffer.alloc(50_000, won + 1)], png);
      await unnamed().publish(name);
      await unnamed().discard(name);
      expect((await readAll(under.store, name))?.equals(Buffer.alloc(50_000, won + 1))).toBe(true);
    });

    test('leave a key that is too long to lead to them for put', async () => {
      if (under.store.unnamed === undefined) return;
      const long = key(`later/${'long'.repeat(60)}`);
      expect(await unnamed().put(long, [bytes], png)).toBeNull();
      expect(await under.store.head(long)).toBeNull();
      await unnamed().publish(long);
      await under.store.put(long, bytes, png);
      expect(await under.store.delete([long])).toMatchObject({ deleted: [long] });
    });
  });
}
