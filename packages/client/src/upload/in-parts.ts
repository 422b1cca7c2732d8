import { SafelightProblem } from '../problem.ts';
import { request } from '../request.ts';
import { retry } from '../retry.ts';
import type { ProtocolInput, UploadProtocol } from './protocol.ts';
import type { Resumable, ResumeStore } from './resume-store.ts';
import { sendBytes } from './send-bytes.ts';

/** Larger files go in parts; for smaller ones, sending a lost part again costs as much as sending the file again. */
export const partsFromBytes = 16 * 2 ** 20;
const atOnce = 3;
const signedAtOnce = 100;
const attempts = 5;

/** Uploads that this process is sending, so that a second upload of the same file does not resume the first. */
const sending = new Set<string>();

/**
 * Sends a file in parts, several at once, straight to storage. The server knows which parts have arrived, so after a
 * reload, a pause or a night's sleep the upload continues with the missing parts, under newly signed URLs.
 */
export const uploadInParts =
  (store: ResumeStore | undefined): UploadProtocol =>
  async (input) => {
    const { connection, signal, patience } = input;
    const fingerprint = fingerprintOf(input);
    const isAlone = !sending.has(fingerprint);
    if (isAlone) sending.add(fingerprint);
    const kept = isAlone ? store : undefined;
    let begun: Begun | undefined;
    try {
      begun = (await goOn(input, kept, fingerprint)) ?? (await begin(input, kept, fingerprint));
      await sendParts(input, begun);
      const { media, jobId, path } = await request(connection, 'completeUpload', { body: { uploadId: begun.uploadId }, signal, patience });
      await forget(kept, fingerprint);
      return { media, jobId, path };
    } catch (error) {
      const isOver = error instanceof SafelightProblem && (error.code === 'upload_expired' || error.code === 'gone' || error.code === 'not_found');
      if (isOver || signal.aborted) await forget(kept, fingerprint);
      // Whether it is heard does not matter here: what nobody completes expires by itself.
      if (signal.aborted && begun !== undefined) request(connection, 'abortUpload', { params: { uploadId: begun.uploadId } }).catch(() => undefined);
      throw error;
    } finally {
      if (isAlone) sending.delete(fingerprint);
    }
  };

type Begun = Resumable & { arrived: Set<number> };

/** An unfinished upload that the server still accepts; any other remembered upload is forgotten. */
async function goOn({ connection, blob, signal, patience }: ProtocolInput, store: ResumeStore | undefined, fingerprint: string): Promise<Begun | undefined> {
  const known = await store?.read(fingerprint).catch(() => undefined);
  if (known === undefined) return undefined;
  try {
    const { parts } = await request(connection, 'listUploadParts', { params: { uploadId: known.uploadId }, signal, patience });
    const arrived = parts.filter(({ partNumber, byteSize }) => byteSize === sizeOfPart(blob, known.partSize, partNumber)).map(({ partNumber }) => partNumber);
    return { ...known, arrived: new Set(arrived) };
  } catch (error) {
    if (!(error instanceof SafelightProblem) || error.retryable) throw error;
    await forget(store, fingerprint);
    return undefined;
  }
}

async function begin(
  { connection, blob, filename, destination, idempotencyKey, signal, patience }: ProtocolInput,
  store: ResumeStore | undefined,
  fingerprint: string,
): Promise<Begun> {
  const body = { ...destination, filename, byteSize: blob.size, multipart: true, ...(blob.type === '' ? {} : { contentType: blob.type }) };
  const opened = await request(connection, 'openUpload', { body, idempotencyKey, signal, patience });
  if (!('partSize' in opened)) throw new Error('Parts were asked for, and the server answered with one PUT.');
  const begun = { uploadId: opened.uploadId, partSize: opened.partSize };
  // If nothing can be stored, the upload works too, but cannot be resumed after a reload.
  await store?.write(fingerprint, begun).catch(() => undefined);
  return { ...begun, arrived: new Set() };
}

async function sendParts(input: ProtocolInput, { uploadId, partSize, arrived }: Begun): Promise<void> {
  const { connection, blob, signal, patience, onSent, gate } = input;
  const count = Math.max(1, Math.ceil(blob.size / partSize));
  const missing = Array.from({ length: count }, (_, index) => index + 1).filter((partNumber) => !arrived.has(partNumber));
  const tell = tally(blob.size, new Map([...arrived].map((partNumber) => [partNumber, sizeOfPart(blob, partSize, partNumber)])), onSent);
  const own = new AbortController();
  const onAbort = (): void => own.abort(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  const [urls, urlOf] = signedUrls(input, uploadId, missing);
  const sendPart = async (partNumber: number): Promise<void> => {
    const size = sizeOfPart(blob, partSize, partNumber);
    const body = blob.slice((partNumber - 1) * partSize, (partNumber - 1) * partSize + size);
    const onPart = (fraction: number): void => tell(partNumber, fraction * size);
    let refusals = 0;
    await retry(
      async () => {
        const url = new URL(await urlOf(partNumber), connection.baseURL || undefined).href;
        try {
          await gate.pass((ended) => sendBytes(connection, { method: 'PUT', url, headers: new Headers(), body, blob: body, onSent: onPart, signal: ended }));
        } catch (error) {
          if (!(error instanceof SafelightProblem) || error.status !== 403 || refusals === attempts) throw error;
          // Storage refuses an expired URL: the next attempt has it signed again.
          refusals += 1;
          urls.delete(partNumber);
          throw new SafelightProblem({ ...plain(error), status: 503, retryable: true });
        }
      },
      { retries: attempts, patience, signal: own.signal },
    );
  };
  const workers = Array.from({ length: Math.min(atOnce, missing.length) }, async (_, lane) => {
    for (let index = lane; index < missing.length && !own.signal.aborted; index += atOnce) {
      // Every index below the length exists.
      await sendPart(missing[index] as number);
    }
  });
  try {
    await Promise.all(workers);
  } finally {
    // When one part was refused, parts that wait for the network stop waiting.
    own.abort(new Error('another part was refused'));
    signal.removeEventListener('abort', onAbort);
    await Promise.allSettled(workers);
  }
}

/** Reports how much of the file has arrived in total. Progress does not go back when a part is sent again. */
function tally(size: number, sent: Map<number, number>, onSent: ProtocolInput['onSent']): (partNumber: number, bytes: number) => void {
  let furthest = 0;
  const tell = (): void => {
    const total = [...sent.values()].reduce((sum, bytes) => sum + bytes, 0);
    furthest = Math.max(furthest, size === 0 ? 1 : total / size);
    onSent(furthest);
  };
  tell();
  return (partNumber, bytes) => {
    sent.set(partNumber, bytes);
    tell();
  };
}

/** The signed URLs of parts: signed in batches, when the first of a batch is needed. */
function signedUrls({ connection, signal }: ProtocolInput, uploadId: string, missing: readonly number[]) {
  const urls = new Map<number, string>();
  const urlOf = async (partNumber: number): Promise<string> => {
    const known = urls.get(partNumber);
    if (known !== undefined) return known;
    const from = missing.indexOf(partNumber);
    const body = { partNumbers: missing.slice(from, from + signedAtOnce) };
    const { parts } = await request(connection, 'signUploadParts', { params: { uploadId }, body, signal, retries: 0 });
    for (const part of parts) urls.set(part.partNumber, part.url);
    return urls.get(partNumber) ?? '';
  };
  return [urls, urlOf] as const;
}

const plain = ({ code, title, detail }: SafelightProblem) => ({ code, title, detail });
const sizeOfPart = (blob: Blob, partSize: number, partNumber: number): number => Math.min(partSize, blob.size - (partNumber - 1) * partSize);
const forget = async (store: ResumeStore | undefined, fingerprint: string): Promise<void> => await store?.remove(fingerprint).catch(() => undefined);

/** Identifies an upload when the same file is chosen again: by the file's properties and its destination. */
function fingerprintOf({ blob, filename, destination, connection }: ProtocolInput): string {
  const changed = 'lastModified' in blob ? blob.lastModified : 0;
  return JSON.stringify([connection.baseURL, filename, blob.size, blob.type, changed, Object.entries(destination).toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}
