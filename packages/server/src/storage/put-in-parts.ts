import { SafelightError } from '../lib/errors.ts';
import { cutParts } from './cut-parts.ts';
import { measureBody, measuredChunks, type BodyMeasure } from './measure-body.ts';
import type { Body, PutOptions, StoredObject } from './store.ts';

const MiB = 1024 * 1024;

/** The part size of a stream. One put holds three parts in memory: two being sent, one being filled. */
const partBytes = 8 * MiB;
const partsAtOnce = 2;

/** Bytes that are already in memory go in one request up to this size. */
const wholeBytes = 64 * MiB;

/** How a provider takes an object, whole or in parts. It only gets bytes, so each request can be repeated after a lost connection. */
export type PartsTarget = {
  maxParts: number;
  putWhole(bytes: Buffer, sha256: string): Promise<StoredObject>;
  begin(): Promise<PartsUpload>;
};
export type PartsUpload = {
  putPart(partNumber: number, bytes: Buffer): Promise<void>;
  complete(measured: { bytes: number; sha256: string }): Promise<StoredObject>;
  abort(): Promise<void>;
};

/** Sends a body of any length, known or not, in bounded memory. Nothing becomes readable before every check has passed; a failure leaves nothing. */
export async function putInParts(body: Body, options: PutOptions, target: PartsTarget): Promise<StoredObject> {
  const measure = measureBody(options);
  options.signal?.throwIfAborted();
  if (Buffer.isBuffer(body) && body.length <= wholeBytes) {
    measure.count(body);
    measure.hash(body);
    return await putMeasured(target, body, measure);
  }
  const size = partSize(Buffer.isBuffer(body) ? body.length : options.bytes, target.maxParts);
  const parts = cutParts(measuredChunks(body, measure, options.signal), size);
  const first = await parts.next();
  const second = await parts.next();
  if (second.done) return await putMeasured(target, first.value ?? Buffer.alloc(0), measure);

  const upload = await target.begin();
  try {
    await sendParts([first.value, second.value], parts, target.maxParts, upload);
    const measured = measure.finish();
    return { ...(await upload.complete(measured)), crc32: measured.crc32 };
  } catch (error) {
    // If this fails too, the sweeper ends what is left under this key.
    await upload.abort().catch(() => undefined);
    throw error;
  } finally {
    await parts.return();
  }
}

async function putMeasured(target: PartsTarget, bytes: Buffer, measure: BodyMeasure): Promise<StoredObject> {
  const { sha256, crc32 } = measure.finish();
  return { ...(await target.putWhole(bytes, sha256)), crc32 };
}

const partSize = (bytes: number | undefined, maxParts: number): number => Math.max(partBytes, Math.ceil((bytes ?? 0) / maxParts / MiB) * MiB);

async function sendParts(begun: (Buffer | void)[], rest: AsyncGenerator<Buffer, void>, maxParts: number, upload: PartsUpload): Promise<void> {
  const sending = new Set<Promise<void>>();
  let failure: { error: unknown } | null = null;
  let partNumber = 0;
  const send = async (bytes: Buffer): Promise<void> => {
    partNumber += 1;
    if (partNumber > maxParts)
      throw new SafelightError('file_too_large', `The file has no declared size and is longer than ${maxParts} parts. Declare its size.`);
    const sent = upload.putPart(partNumber, bytes).catch((error: unknown) => {
      failure ??= { error };
    });
    sending.add(sent);
    void sent.then(() => sending.delete(sent));
    if (sending.size >= partsAtOnce) await Promise.race(sending);
    if (failure !== null) throw failure.error;
  };
  try {
    for (const bytes of begun) if (bytes !== undefined) await send(bytes);
    for await (const bytes of rest) await send(bytes);
  } finally {
    await Promise.all(sending);
  }
  // Assigned in a callback, which the compiler does not see.
  const late = failure as { error: unknown } | null;
  if (late !== null) throw late.error;
}
