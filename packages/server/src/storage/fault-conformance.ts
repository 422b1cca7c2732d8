import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { buffer } from 'node:stream/consumers';
import { describe, expect, test } from 'vitest';
import { chunked, readAll, seeded, sha256 } from './conformance-objects.ts';
import type { Store } from './store.ts';

/** The part of `test/support/fault-proxy.ts` that this suite needs: production code does not import from the tests. */
type Proxy = { origin: string; happened(): boolean; connections(): number; stop(): Promise<void> };
type Fault =
  | { kind: 'none' }
  | { kind: 'refuse' }
  | { kind: 'reset'; from: 'client' | 'server'; afterBytes: number }
  | { kind: 'lost answer'; to: RegExp }
  | { kind: 'stall'; afterBytes: number }
  | { kind: 'latency'; milliseconds: number };

export type FaultyStore = {
  /** A proxy in front of the provider. */
  proxy(fault: (connection: number) => Fault): Promise<Proxy>;
  /** A store that reaches its provider only through this address, and gives up a silent one after this time. */
  open(origin: string, idleTimeoutMs: number): Promise<Store>;
  /** The requests whose answers get lost: a put in one request, the last request of a long put, the completion of a multipart upload. */
  requests: { put: RegExp; endOfLongPut: RegExp; complete: RegExp };
};

const png = { contentType: 'image/png' };
const patient = 20_000;
const impatient = 400;

/** How every adapter of a remote provider behaves when the network fails. Timing decides nothing here except how long a test takes. */
export function faultConformance(name: string, makeStore: () => FaultyStore): void {
  describe(`${name} on a bad network`, () => {
    const through = async (fault: (connection: number) => Fault, idleTimeoutMs: number, test: (store: Store, proxy: Proxy) => Promise<void>): Promise<void> => {
      const under = makeStore();
      const proxy = await under.proxy(fault);
      const store = await under.open(proxy.origin, idleTimeoutMs);
      try {
        await test(store, proxy);
      } finally {
        await store.close();
        await proxy.stop();
      }
    };
    const key = (): string => `faults/${randomUUID()}`;
    const always =
      (fault: Fault): (() => Fault) =>
      () =>
        fault;
    const first =
      (fault: Fault): ((connection: number) => Fault) =>
      (connection) =>
        connection === 1 ? fault : { kind: 'none' };
    const unavailable = { code: 'storage_unavailable', retryable: true };

    test('says that a provider which refuses every connection is unavailable', async () => {
      await through(always({ kind: 'refuse' }), patient, async (store) => {
        await expect(store.put(key(), seeded(10), png)).rejects.toMatchObject(unavailable);
        await expect(store.get(key())).rejects.toMatchObject(unavailable);
        await expect(store.head(key())).rejects.toMatchObject(unavailable);
        await expect(store.list({})).rejects.toMatchObject(unavailable);
        await expect(store.delete([key()])).rejects.toMatchObject(unavailable);
        await expect(store.copy(key(), key())).rejects.toMatchObject(unavailable);
        await expect(store.check()).rejects.toMatchObject(unavailable);
      });
    });

    test('tries again when the first connection is refused', async () => {
      await through(first({ kind: 'refuse' }), patient, async (store, proxy) => {
        const object = key();
        await store.put(object, seeded(1_000), png);
        expect(proxy.happened()).toBe(true);
        expect((await readAll(store, object))?.equals(seeded(1_000))).toBe(true);
      });
    });

    test('sends again what was cut off on its way up, from a stream too', async () => {
      await through(always({ kind: 'reset', from: 'client', afterBytes: 3_000_000 }), patient, async (store, proxy) => {
        const [object, bytes] = [key(), seeded(20_000_000)];
        const put = await store.put(object, chunked(bytes, 65_536), png);
        expect(proxy.happened()).toBe(true);
        expect(put).toMatchObject({ bytes: bytes.length, sha256: sha256(bytes) });
        expect((await readAll(store, object))?.equals(bytes)).toBe(true);
      });
    });

    test('knows its own object when the answer to a create-only put is lost', async () => {
      await through(always({ kind: 'lost answer', to: makeStore().requests.put }), patient, async (store, proxy) => {
        const [object, bytes] = [key(), randomBytes(5_000)];
        expect(await store.put(object, bytes, { ...png, ifAbsent: true })).toMatchObject({ bytes: bytes.length });
        expect(proxy.happened()).toBe(true);
        await expect(store.put(object, bytes, { ...png, ifAbsent: true })).rejects.toMatchObject({ code: 'conflict' });
      });
    });

    test('knows its own object when the last answer to a long create-only put is lost', async () => {
      await through(always({ kind: 'lost answer', to: makeStore().requests.endOfLongPut }), patient, async (store, proxy) => {
        const [object, bytes] = [key(), seeded(20_000_000)];
        expect(await store.put(object, chunked(bytes, 65_536), { ...png, ifAbsent: true })).toMatchObject({ bytes: bytes.length });
        expect(proxy.happened()).toBe(true);
        expect((await readAll(store, object))?.equals(bytes)).toBe(true);
      });
    });

    test('completes a multipart upload whose first completion was not answered', async () => {
      await through(always({ kind: 'lost answer', to: makeStore().requests.complete }), patient, async (store, proxy) => {
        const { multipart } = store;
        if (multipart === undefined) return expect(store.capabilities.multipart).toBeNull();
        const [object, bytes] = [key(), seeded(store.capabilities.multipart?.minPartBytes ?? 1)];
        const uploadId = await multipart.create(object, png);
        const parts = [
          await multipart.putPart(object, uploadId, 1, bytes, { bytes: bytes.length }),
          await multipart.putPart(object, uploadId, 2, Buffer.from('end'), { bytes: 3 }),
        ];
        expect(await multipart.complete(object, uploadId, parts)).toMatchObject({ bytes: bytes.length + 3 });
        expect(proxy.happened()).toBe(true);
      });
    });

    test('never ends a body that was cut off as if it were whole', async () => {
      const under = makeStore();
      const direct = await under.proxy(always({ kind: 'none' }));
      const [object, bytes] = [key(), seeded(6_000_000)];
      const writer = await under.open(direct.origin, patient);
      await writer.put(object, bytes, png);
      await writer.close();
      await direct.stop();
      await through(always({ kind: 'reset', from: 'server', afterBytes: 2_000_000 }), patient, async (store) => {
        const got = await store.get(object);
        if (got === null) throw new Error('It was put.');
        await expect(buffer(got.body)).rejects.toMatchObject(unavailable);
      });
    });

    test('gives up a body, an answer and a put that stall', async () => {
      const under = makeStore();
      const direct = await under.proxy(always({ kind: 'none' }));
      const object = key();
      const writer = await under.open(direct.origin, patient);
      await writer.put(object, seeded(6_000_000), png);
      await writer.close();
      await direct.stop();
      await through(always({ kind: 'stall', afterBytes: 1_000_000 }), impatient, async (store, proxy) => {
        const got = await store.get(object);
        if (got === null) throw new Error('It was put.');
        await expect(buffer(got.body)).rejects.toMatchObject(unavailable);
        expect(proxy.happened()).toBe(true);
      });
      await through(always({ kind: 'stall', afterBytes: 0 }), impatient, async (store) => {
        await expect(store.get(object)).rejects.toMatchObject(unavailable);
        await expect(store.head(object)).rejects.toMatchObject(unavailable);
        await expect(store.put(key(), seeded(1_000), png)).rejects.toMatchObject(unavailable);
        await expect(store.list({})).rejects.toMatchObject(unavailable);
      });
    });

    test('ends at once when it is aborted while the provider is silent', async () => {
      await through(always({ kind: 'stall', afterBytes: 0 }), patient, async (store, proxy) => {
        for (const call of [
          (signal: AbortSignal) => store.put(key(), seeded(1_000), { ...png, signal }),
          (signal: AbortSignal) => store.get(key(), { signal }),
          (signal: AbortSignal) => store.head(key(), { signal }),
          (signal: AbortSignal) => store.list({ signal }),
        ]) {
          const before = proxy.connections();
          const aborter = new AbortController();
          const outcome = call(aborter.signal).then(
            () => null,
            (error: unknown) => error,
          );
          await expect.poll(proxy.connections).toBeGreaterThan(before);
          aborter.abort();
          expect(await outcome).toMatchObject({ name: 'AbortError' });
        }
      });
    });

    test('waits for a reader that takes its time', async () => {
      await through(always({ kind: 'none' }), impatient, async (store) => {
        const [object, bytes] = [key(), seeded(6_000_000)];
        await store.put(object, bytes, png);
        const got = await store.get(object);
        const read: Buffer[] = [];
        for await (const chunk of got?.body ?? []) {
          // Longer than a silent provider is allowed.
          if (read.length === 0) await pause(impatient * 3);
          read.push(chunk);
        }
        expect(Buffer.concat(read).equals(bytes)).toBe(true);
      });
    });

    test('is right on a slow line', async () => {
      await through(always({ kind: 'latency', milliseconds: 5 }), patient, async (store) => {
        const [object, bytes] = [key(), seeded(500_000)];
        await store.put(object, bytes, { ...png, ifAbsent: true });
        expect((await readAll(store, object))?.equals(bytes)).toBe(true);
        expect(await store.delete([object])).toEqual({ deleted: [object], failed: [] });
      });
    });
  });
}
