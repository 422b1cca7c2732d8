import { describe, expect, test } from 'vitest';
import { everyKey, readAll, seeded, type ConformanceStore } from './conformance-objects.ts';
import type { Append } from './store.ts';

/** Tests of objects that grow at their end, for stores that have them. */
export function appendConformance(under: ConformanceStore): void {
  const { key } = under;
  const append = (): Append => {
    if (under.store.append === undefined) throw new Error('This store has no objects that grow.');
    return under.store.append;
  };
  const add = async (name: string, uploadId: string, offset: number, ...pieces: Buffer[]): Promise<void> => {
    const appender = await append().open(key(name), uploadId, offset);
    try {
      for (const piece of pieces) await appender.write(piece);
      await appender.sync();
    } finally {
      await appender.close();
    }
  };
  const bytes = seeded(5_000_000);

  describe('objects that grow', () => {
    test('show nothing before they are finished, take many pieces in many requests, and answer a repeated finish', async () => {
      if (under.store.append === undefined) return expect(under.store.provider).not.toBe('filesystem');
      const uploadId = append().begin(key('grown'));
      const pieces = Array.from({ length: 40 }, (_, n) => bytes.subarray(n * 100_000, (n + 1) * 100_000));
      await add('grown', uploadId, 0, ...pieces);
      await add('grown', uploadId, 4_000_000, bytes.subarray(4_000_000));
      expect(await under.store.head(key('grown'))).toBeNull();
      expect(await everyKey(under.store, key('grown'))).toEqual([]);
      expect(await append().finish(key('grown'), uploadId, bytes.length)).toMatchObject({ key: key('grown'), bytes: bytes.length });
      expect((await readAll(under.store, key('grown')))?.equals(bytes)).toBe(true);
      expect(await append().finish(key('grown'), uploadId, bytes.length)).toMatchObject({ bytes: bytes.length });
    });

    test('drop what lies behind the offset at which they go on, or behind the end at which they are finished', async () => {
      if (under.store.append === undefined) return;
      const uploadId = append().begin(key('cut'));
      await add('cut', uploadId, 0, Buffer.from('good and bad'));
      await add('cut', uploadId, 5, Buffer.from('better, and too much'));
      expect(await append().finish(key('cut'), uploadId, 11)).toMatchObject({ bytes: 11 });
      expect((await readAll(under.store, key('cut')))?.toString()).toBe('good better');
    });

    test('are lost to whoever held them before they were forked', async () => {
      if (under.store.append === undefined) return;
      const uploadId = append().begin(key('forked'));
      const late = await append().open(key('forked'), uploadId, 0);
      await late.write(Buffer.from('first '));
      await late.sync();
      const forked = await append().fork(key('forked'), uploadId, 6);
      await add('forked', forked, 6, Buffer.from('second'));
      await late.write(Buffer.from('nobody is to see this'));
      await late.sync();
      await late.close();
      await add('forked', uploadId, 0, Buffer.from('nor this'));
      expect(await append().finish(key('forked'), forked, 12)).toMatchObject({ bytes: 12 });
      expect((await readAll(under.store, key('forked')))?.toString()).toBe('first second');
      await under.store.multipart?.abortAll(key('forked'));
      await expect(append().open(key('forked'), uploadId, 8)).rejects.toMatchObject({ code: 'gone' });
    });

    test('are gone when their bytes are not there, are fewer, or belong to another key', async () => {
      if (under.store.append === undefined) return;
      const uploadId = append().begin(key('mine'));
      await expect(append().open(key('mine'), uploadId, 3)).rejects.toMatchObject({ code: 'gone' });
      await expect(append().finish(key('mine'), uploadId, 3)).rejects.toMatchObject({ code: 'gone' });
      await add('mine', uploadId, 0, Buffer.from('abc'));
      await expect(append().open(key('mine'), uploadId, 4)).rejects.toMatchObject({ code: 'gone' });
      await expect(append().finish(key('mine'), uploadId, 4)).rejects.toMatchObject({ code: 'upload_incomplete' });
      await expect(append().open(key('yours'), uploadId, 3)).rejects.toMatchObject({ code: 'gone' });
      await under.store.multipart?.abortAll(key('mine'));
      await expect(append().open(key('mine'), uploadId, 3)).rejects.toMatchObject({ code: 'gone' });
    });
  });
}
