import { describe, expect, test } from 'vitest';
import { chunked, everyKey, readAll, seeded, sha256, type ConformanceStore } from './conformance-objects.ts';
import type { Multipart, UploadedPart } from './store.ts';

/** Tests of multipart uploads, as far as `capabilities.multipart` declares them. */
export function multipartConformance(under: ConformanceStore): void {
  const { key } = under;
  const begin = (): { multipart: Multipart; partBytes: number } => {
    const { multipart, capabilities } = under.store;
    if (multipart === undefined || capabilities.multipart === null) throw new Error('This store has no multipart uploads.');
    return { multipart, partBytes: Math.max(capabilities.multipart.minPartBytes, 100_000) };
  };
  const options = { contentType: 'video/mp4' };
  const putParts = async (name: string, uploadId: string, bytes: Buffer, numbers: readonly number[]): Promise<UploadedPart[]> => {
    const { multipart, partBytes } = begin();
    const parts: UploadedPart[] = [];
    for (const partNumber of numbers) {
      const part = bytes.subarray((partNumber - 1) * partBytes, partNumber * partBytes);
      parts.push(await multipart.putPart(key(name), uploadId, partNumber, part, { bytes: part.length }));
    }
    return parts.sort((a, b) => a.partNumber - b.partNumber);
  };

  describe('multipart', () => {
    test('is there exactly when it is declared', () => {
      expect(under.store.multipart !== undefined).toBe(under.store.capabilities.multipart !== null);
    });

    test('joins parts that came in any order, shows nothing before, and answers a repeated complete', async () => {
      const { multipart, partBytes } = begin();
      const bytes = seeded(partBytes * 2 + 1_234);
      const uploadId = await multipart.create(key('joined'), options);
      const parts = await putParts('joined', uploadId, bytes, [3, 1, 2]);
      expect(await under.store.head(key('joined'))).toBeNull();
      expect(await everyKey(under.store, key('joined'))).toEqual([]);
      expect(await multipart.listParts(key('joined'), uploadId)).toEqual(parts);
      const completed = await multipart.complete(key('joined'), uploadId, parts);
      expect(completed).toMatchObject({ key: key('joined'), bytes: bytes.length });
      expect([null, sha256(bytes)]).toContain(completed.sha256);
      expect((await readAll(under.store, key('joined')))?.equals(bytes)).toBe(true);
      expect((await under.store.head(key('joined')))?.contentType).toBe(under.store.capabilities.keepsContentType ? 'video/mp4' : null);
      expect(await multipart.complete(key('joined'), uploadId, parts)).toMatchObject({ bytes: bytes.length });
      expect(await multipart.listParts(key('joined'), uploadId)).toBeNull();
    });

    test('takes a single small part, from a stream of known length', async () => {
      const { multipart } = begin();
      const uploadId = await multipart.create(key('single'), options);
      const part = await multipart.putPart(key('single'), uploadId, 1, () => chunked(seeded(777), 100), { bytes: 777 });
      expect(part).toMatchObject({ partNumber: 1, bytes: 777 });
      expect(await multipart.complete(key('single'), uploadId, [part])).toMatchObject({ bytes: 777 });
    });

    test('lets a part be sent again before completion, and the last one counts', async () => {
      const { multipart } = begin();
      const uploadId = await multipart.create(key('resent'), options);
      await multipart.putPart(key('resent'), uploadId, 1, Buffer.from('first'), { bytes: 5 });
      const second = await multipart.putPart(key('resent'), uploadId, 1, Buffer.from('second!'), { bytes: 7 });
      expect(await multipart.listParts(key('resent'), uploadId)).toEqual([second]);
      await multipart.complete(key('resent'), uploadId, [second]);
      expect((await readAll(under.store, key('resent')))?.toString()).toBe('second!');
    });

    test('names the part that is missing or another one, and can still be completed then', async () => {
      const { multipart, partBytes } = begin();
      const bytes = seeded(partBytes + 10);
      const uploadId = await multipart.create(key('wrong'), options);
      const parts = await putParts('wrong', uploadId, bytes, [1, 2]);
      const [first, second] = parts;
      if (first === undefined || second === undefined) throw new Error('Two parts were put.');
      const completing = (list: { partNumber: number; etag: string }[]): Promise<unknown> => multipart.complete(key('wrong'), uploadId, list);
      await expect(completing([first, { partNumber: 2, etag: first.etag }])).rejects.toMatchObject({
        code: 'upload_incomplete',
        detail: expect.stringContaining('Part 2'),
      });
      await expect(completing([first, second, { partNumber: 3, etag: second.etag }])).rejects.toMatchObject({
        code: 'upload_incomplete',
        detail: expect.stringContaining('Part 3'),
      });
      await expect(completing([second, first])).rejects.toMatchObject({ code: 'invalid_request' });
      await expect(completing([])).rejects.toMatchObject({ code: 'upload_incomplete' });
      expect(await under.store.head(key('wrong'))).toBeNull();
      expect(await completing(parts)).toMatchObject({ bytes: bytes.length });
    });

    test('refuses a part that is longer or shorter than said, and part numbers out of range', async () => {
      const { multipart } = begin();
      const uploadId = await multipart.create(key('sizes'), options);
      const maxParts = under.store.capabilities.multipart?.maxParts ?? 0;
      await expect(multipart.putPart(key('sizes'), uploadId, 1, Buffer.from('abc'), { bytes: 4 })).rejects.toMatchObject({ code: 'upload_incomplete' });
      await expect(multipart.putPart(key('sizes'), uploadId, 1, () => chunked(seeded(100), 10), { bytes: 99 })).rejects.toMatchObject({
        code: 'upload_incomplete',
      });
      for (const partNumber of [0, -1, 1.5, maxParts + 1]) {
        await expect(multipart.putPart(key('sizes'), uploadId, partNumber, Buffer.from('x'), { bytes: 1 })).rejects.toMatchObject({ code: 'invalid_request' });
      }
      expect(await multipart.listParts(key('sizes'), uploadId)).toEqual([]);
      await multipart.abort(key('sizes'), uploadId);
    });

    test('forgets an aborted upload, as often as it is aborted', async () => {
      const { multipart } = begin();
      const uploadId = await multipart.create(key('gone'), options);
      const part = await multipart.putPart(key('gone'), uploadId, 1, Buffer.from('x'), { bytes: 1 });
      await multipart.abort(key('gone'), uploadId);
      await multipart.abort(key('gone'), uploadId);
      expect(await multipart.listParts(key('gone'), uploadId)).toBeNull();
      await expect(multipart.complete(key('gone'), uploadId, [part])).rejects.toMatchObject({ code: 'upload_incomplete' });
      await expect(multipart.putPart(key('gone'), uploadId, 1, Buffer.from('x'), { bytes: 1 })).rejects.toMatchObject({ code: 'upload_incomplete' });
      expect(await under.store.head(key('gone'))).toBeNull();
    });

    test('aborts every unfinished upload to a key, and none to another', async () => {
      const { multipart } = begin();
      const [first, second, other] = [
        await multipart.create(key('abandoned'), options),
        await multipart.create(key('abandoned'), options),
        await multipart.create(key('abandoned-not'), options),
      ];
      for (const uploadId of [first, second]) await multipart.putPart(key('abandoned'), uploadId, 1, Buffer.from('x'), { bytes: 1 });
      const kept = await multipart.putPart(key('abandoned-not'), other, 1, Buffer.from('x'), { bytes: 1 });
      await multipart.abortAll(key('abandoned'));
      expect(await multipart.listParts(key('abandoned'), first)).toBeNull();
      expect(await multipart.listParts(key('abandoned'), second)).toBeNull();
      expect(await multipart.listParts(key('abandoned-not'), other)).toEqual([kept]);
      await multipart.abortAll(key('abandoned-not'));
    });

    test('never lets an upload id work for another key', async () => {
      const { multipart } = begin();
      const uploadId = await multipart.create(key('mine'), options);
      const part = await multipart.putPart(key('mine'), uploadId, 1, Buffer.from('x'), { bytes: 1 });
      await expect(multipart.putPart(key('yours'), uploadId, 1, Buffer.from('y'), { bytes: 1 })).rejects.toMatchObject({ code: 'upload_incomplete' });
      await expect(multipart.complete(key('yours'), uploadId, [part])).rejects.toMatchObject({ code: 'upload_incomplete' });
      expect(await multipart.listParts(key('yours'), uploadId)).toBeNull();
      await multipart.abort(key('yours'), uploadId);
      expect(await multipart.listParts(key('mine'), uploadId)).toEqual([part]);
      await multipart.abort(key('mine'), uploadId);
    });
  });
}
