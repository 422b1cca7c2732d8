import { describe, expect, test } from 'vitest';
import { awkwardNames, readAll, seeded, sha256, type ConformanceStore } from './conformance-objects.ts';
import type { PresignedRequest } from './store.ts';

/** Tests of presigned requests, sent by a client that knows nothing of the provider. */
export function presignConformance(under: ConformanceStore): void {
  const { key } = under;
  const send = async (request: PresignedRequest, body: Buffer, changes: Record<string, string> = {}): Promise<Response> => {
    const headers = new Headers({ ...request.headers, ...changes });
    // As in a browser, which sets the length of the body itself.
    headers.delete('Content-Length');
    return fetch(request.url, { method: request.method, headers, body: new Uint8Array(body) });
  };
  const sign = async (name: string, bytes?: number): Promise<PresignedRequest> => {
    if (under.store.presignPut === undefined) throw new Error('This store signs no PUT.');
    return under.store.presignPut(key(name), { contentType: 'image/png', expiresInSeconds: 300, ...(bytes !== undefined && { bytes }) });
  };

  describe('presigned', () => {
    test('is there exactly when it is declared', () => {
      const { store } = under;
      expect(store.presignPut !== undefined).toBe(store.capabilities.presignedPut === 'direct');
      expect(store.multipart?.signPart !== undefined).toBe(store.capabilities.presignedPut === 'direct' && store.capabilities.multipart !== null);
      expect(store.presignGet !== undefined).toBe(store.capabilities.presignedGet);
    });

    test('takes a PUT of exactly what was signed', async () => {
      if (under.store.capabilities.presignedPut !== 'direct') return expect(under.store.presignPut).toBeUndefined();
      const bytes = seeded(50_000);
      const request = await sign('put', bytes.length);
      expect(request.expiresAt.getTime()).toBeGreaterThan(Date.now());
      expect(decodeURIComponent(request.url)).not.toContain('checksum-crc32');
      const answer = await send(request, bytes);
      expect([answer.status, answer.ok ? '' : await answer.text()]).toEqual([answer.status, '']);
      expect((await readAll(under.store, key('put')))?.equals(bytes)).toBe(true);
      const head = await under.store.head(key('put'));
      expect(head).toMatchObject({ bytes: bytes.length, contentType: under.store.capabilities.keepsContentType ? 'image/png' : null });
    });

    test('refuses what its declaration says it binds, and only that', async () => {
      const { presignedPut, binds } = under.store.capabilities;
      if (presignedPut !== 'direct') return expect(under.store.presignPut).toBeUndefined();
      const bytes = seeded(1_000);
      const longer = await send(await sign('put-longer', 999), bytes);
      expect(longer.ok).toBe(!binds.size);
      const otherType = await send(await sign('put-type', bytes.length), bytes, { 'Content-Type': 'text/html' });
      expect(otherType.ok).toBe(!binds.type);
      const request = await sign('put-twice', bytes.length);
      expect((await send(request, bytes)).ok).toBe(true);
      expect((await send(request, Buffer.alloc(1_000))).ok).toBe(!binds.createOnly);
      if (binds.createOnly) expect((await readAll(under.store, key('put-twice')))?.equals(bytes)).toBe(true);
    });

    test('refuses a URL that was changed to another key', async () => {
      if (under.store.capabilities.presignedPut !== 'direct') return expect(under.store.presignPut).toBeUndefined();
      const request = await sign('put-mine', 10);
      const answer = await send({ ...request, url: request.url.replace('put-mine', 'put-yours') }, seeded(10));
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(await under.store.head(key('put-yours'))).toBeNull();
    });

    test.each(awkwardNames)('signs for the name %j', async (awkward) => {
      if (under.store.capabilities.presignedPut !== 'direct') return expect(under.store.presignPut).toBeUndefined();
      const bytes = Buffer.from(awkward);
      const answer = await send(await sign(`signed/${awkward}`, bytes.length), bytes);
      expect([answer.ok, answer.ok ? '' : await answer.text()]).toEqual([true, '']);
      const url = (await under.store.presignGet?.(key(`signed/${awkward}`), { expiresInSeconds: 300 })) ?? '';
      expect(Buffer.from(await (await fetch(url)).arrayBuffer()).equals(bytes)).toBe(true);
      expect(under.store.parseUrl?.(new URL(url))).toBe(key(`signed/${awkward}`));
    });

    test('answers a presigned GET, with ranges and the headers that were signed into it', async () => {
      if (under.store.presignGet === undefined) return expect(under.store.capabilities.presignedGet).toBe(false);
      const bytes = seeded(5_000);
      await under.store.put(key('get'), bytes, { contentType: 'application/octet-stream' });
      const contentDisposition = `attachment; filename="a b.png"; filename*=UTF-8''%C3%BC.png`;
      const url = await under.store.presignGet(key('get'), { expiresInSeconds: 300, contentType: 'image/png', contentDisposition, cacheControl: 'private' });
      const whole = await fetch(url);
      expect(sha256(Buffer.from(await whole.arrayBuffer()))).toBe(sha256(bytes));
      expect(whole.headers.get('content-type')).toBe('image/png');
      expect(whole.headers.get('content-disposition')).toBe(contentDisposition);
      if (under.store.capabilities.presignedCacheControl) expect(whole.headers.get('cache-control')).toBe('private');
      const part = await fetch(url, { headers: { Range: 'bytes=10-19' } });
      expect(part.status).toBe(206);
      expect(Buffer.from(await part.arrayBuffer()).equals(bytes.subarray(10, 20))).toBe(true);
    });

    test('takes the parts of a multipart upload', async () => {
      const { multipart, capabilities } = under.store;
      if (multipart?.signPart === undefined) return expect(capabilities.presignedPut).not.toBe('direct');
      const partBytes = capabilities.multipart?.minPartBytes ?? 1;
      const bytes = seeded(partBytes + 500);
      const uploadId = await multipart.create(key('signed-parts'), { contentType: 'video/mp4' });
      for (const [index, part] of [bytes.subarray(0, partBytes), bytes.subarray(partBytes)].entries()) {
        const request = await multipart.signPart(key('signed-parts'), uploadId, { partNumber: index + 1, bytes: part.length, expiresInSeconds: 300 });
        const answer = await send(request, part);
        expect([answer.ok, answer.ok ? '' : await answer.text()]).toEqual([true, '']);
      }
      const parts = (await multipart.listParts(key('signed-parts'), uploadId)) ?? [];
      expect(parts.map(({ partNumber, bytes: size }) => [partNumber, size])).toEqual([
        [1, partBytes],
        [2, 500],
      ]);
      expect(await multipart.complete(key('signed-parts'), uploadId, parts)).toMatchObject({ bytes: bytes.length });
      expect((await readAll(under.store, key('signed-parts')))?.equals(bytes)).toBe(true);
    });
  });
}
