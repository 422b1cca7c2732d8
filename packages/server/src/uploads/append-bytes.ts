import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';

import { SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { reserveQuota } from '../policy/require-quota.ts';
import { locatorOf } from '../storage/ledger.ts';
import { chunksOf } from './chunks-of.ts';
import { holdUpload, type Hold, type ResumableContext } from './hold-upload.ts';
import { openAppendSink } from './open-append-sink.ts';
import { openPartSink } from './open-part-sink.ts';
import { refusalOf } from './refusal-of.ts';
import { isAppended, readSessionObject, type SessionObject, type UploadSession } from './session-rows.ts';
import type { Kept, Sink } from './sink.ts';

export type AppendBytes = {
  /** As found for its owner. */
  session: UploadSession;
  /** The session's object, if it was already read. */
  object?: SessionObject | undefined;
  offset: number;
  body: Readable;
  /** What was read of the body already. */
  begun?: readonly Buffer[];
  contentLength: number | null;
  /** The length, for an upload that was opened without one. */
  length: number | null;
  checksum: { algorithm: string; digest: Buffer } | null;
};

/** The upload after the append, and what is known of its object. */
export type Appended = Kept & { session: UploadSession; object?: SessionObject };

/** The longest delay that Node's timers can hold (31 bits). */
const longestTimeout = 2 ** 31 - 1;

/**
 * Appends bytes at the offset where the durable ones end. However the body ends (complete, cut, asked to leave, refused), everything received that
 * can be kept is made durable before the lock is released, so the offset that the next request is told is true and never moves back. With a checksum
 * it is all or nothing: bytes that do not match are dropped.
 */
export async function appendBytes(ctx: ResumableContext, input: AppendBytes): Promise<Appended> {
  const known = input.session;
  if (known.concat === 'final') throw new SafelightError('forbidden', 'A final upload is made of its parts; nothing can be appended to it.');
  if (known.state !== 'open') return await repeated(ctx, known, input);
  const hold = await holdUpload(ctx, known.id);
  try {
    const { session } = hold;
    if (session.state !== 'open') return await repeated(ctx, session, input);
    if (session.expires_at <= ctx.site.clock.now()) throw expired();
    if (input.offset !== session.received_bytes) throw offsetConflict(session.received_bytes);
    const length = await settleLength(ctx, session, input.length);
    const limit = length ?? (await mostBytes(ctx, session));
    if (input.contentLength !== null && input.offset + input.contentLength > limit) {
      throw new SafelightError(
        'file_too_large',
        `The upload has ${limit} bytes; ${input.offset} are there, and the body has ${input.contentLength} more.`,
        offsetHeader(input.offset),
      );
    }
    const held = { ...session, declared_bytes: length };
    const isFound = input.object !== undefined && input.object.id === session.object_id;
    const object = session.object_id === null ? undefined : isFound ? input.object : await readSessionObject(ctx.site.db, session.object_id);
    if (object === undefined) throw new SafelightError('gone', 'This upload has been given up. Open a new one.');
    const kept = await receive({ ctx, hold, session: held, object }, limit, input);
    return { ...kept, session: { ...held, received_bytes: kept.offset }, object };
  } finally {
    await hold.release();
  }
}

/** The answer to the last request may have been lost: a repeat gets the same answer. It has no bytes, because all of them are there. */
async function repeated(ctx: ResumableContext, ended: UploadSession, input: AppendBytes): Promise<Appended> {
  const session = requireSame(ended, input);
  try {
    if (input.contentLength !== 0)
      for await (const chunk of chunksOf(input.body, { signal: ctx.signal, ...(input.begun && { begun: input.begun }) }))
        if (chunk.length > 0)
          throw new SafelightError('file_too_large', `The upload is complete with ${input.offset} bytes; more were sent.`, offsetHeader(input.offset));
  } catch (error) {
    throw error instanceof SafelightError ? error : wasCut(error);
  }
  return { session, offset: input.offset };
}

function requireSame(session: UploadSession, { offset, length }: Pick<AppendBytes, 'offset' | 'length'>): UploadSession {
  if (session.state === 'aborted' || session.state === 'expired')
    throw new SafelightError(session.state === 'aborted' ? 'gone' : 'upload_expired', `This upload is ${session.state}. Open a new one.`);
  if (session.state === 'failed' && session.received_bytes !== session.declared_bytes)
    throw new SafelightError('gone', session.failure?.message ?? 'This upload has failed. Open a new one.');
  const refusal = refusalOf(session);
  if (refusal !== null) throw refusal;
  if (offset !== session.received_bytes) throw offsetConflict(session.received_bytes);
  requireLength(session, length);
  return session;
}

const expired = (): SafelightError => new SafelightError('upload_expired', 'This upload has expired. Open a new one.');

const wasCut = (cause?: unknown): SafelightError =>
  new SafelightError('upload_incomplete', 'The connection was cut. Ask for the offset and go on from there.', { cause });

const offsetConflict = (offset: number): SafelightError =>
  new SafelightError('conflict', `The upload goes on at byte ${offset}. Ask for the offset, then send from there.`, offsetHeader(offset));

const offsetHeader = (offset: number) => ({ headers: { 'upload-offset': String(offset) } });

function requireLength({ declared_bytes: declared }: UploadSession, given: number | null): void {
  if (given !== null && declared !== null && given !== declared)
    throw new SafelightError('invalid_request', `The length of this upload is ${declared} and cannot be changed.`);
}

/** A deferred length is set once, and never below what has arrived. */
async function settleLength(ctx: ResumableContext, session: UploadSession, given: number | null): Promise<number | null> {
  requireLength(session, given);
  if (given === null || given === session.declared_bytes) return session.declared_bytes;
  if (given < session.received_bytes) throw new SafelightError('invalid_request', `${session.received_bytes} bytes have come; the length cannot be ${given}.`);
  const most = await mostBytes(ctx, session);
  if (given > most) throw new SafelightError('file_too_large', `At most ${most} bytes are allowed.`);
  await transact(ctx.site.db, async (tx) => {
    await reserveQuota(tx, ctx.actor, ctx.site.ceilings, { bytes: given, uploadId: session.id });
    await tx.updateTable('upload_session').set({ declared_bytes: given }).where('id', '=', session.id).execute();
  });
  return given;
}

/** A part of a concatenation has no collection yet; the limits apply to the final upload. */
const mostBytes = async (ctx: ResumableContext, session: UploadSession): Promise<number> =>
  session.concat === 'partial'
    ? ctx.site.ceilings.requestBytes
    : Math.min((await readPolicy(ctx.site.db, session.collection)).maxBytes, ctx.site.ceilings.requestBytes);

type Held = { ctx: ResumableContext; hold: Hold; session: UploadSession; object: SessionObject };

async function receive(held: Held, limit: number, input: AppendBytes): Promise<Kept> {
  const sink = await openSink(held, { limit, isProvisional: input.checksum !== null });
  try {
    return await receiveInto(sink, held, limit, input);
  } finally {
    await sink.close();
  }
}

async function openSink(held: Held, { limit, isProvisional }: { limit: number; isProvisional: boolean }): Promise<Sink> {
  const { ctx, session, object } = held;
  const store = ctx.site.stores.of(locatorOf(object));
  if (isAppended(store, session)) return await openAppendSink({ ...held, store, isProvisional });
  const { hold } = held;
  return await openPartSink({ ctx, hold, session, offset: session.received_bytes, isProvisional, provisional: [] }, limit);
}

async function receiveInto(sink: Sink, { ctx, hold, session }: Held, limit: number, input: AppendBytes): Promise<Kept> {
  const hash = input.checksum === null ? null : createHash(input.checksum.algorithm);
  let received = session.received_bytes;
  let problem: Error | null = null;
  // A slow upload ends with its session at the latest.
  const timeLeft = AbortSignal.timeout(Math.min(longestTimeout, Math.max(0, session.expires_at.getTime() - ctx.site.clock.now().getTime())));
  try {
    for await (const chunk of chunksOf(input.body, {
      signal: AbortSignal.any([ctx.signal, hold.asked, timeLeft]),
      ...(input.begun && { begun: input.begun }),
      onWaiting: hold.waiting,
      onChunk: hold.received,
    })) {
      const fits = chunk.subarray(0, limit - received);
      hash?.update(fits);
      received += fits.length;
      await sink.take(fits);
      if (fits.length < chunk.length) throw new SafelightError('file_too_large', `The upload has ${limit} bytes; more were sent. What fitted is kept.`);
    }
    if (input.contentLength !== null && received - session.received_bytes < input.contentLength) throw wasCut();
  } catch (error) {
    problem = error instanceof Error ? error : new Error(String(error));
  }
  if (input.checksum !== null && hash !== null) {
    if (problem !== null) throw problem;
    if (!hash.digest().equals(input.checksum.digest))
      throw new SafelightError('checksum_mismatch', 'The bytes do not match their checksum. Send them again.', offsetHeader(session.received_bytes));
  }
  // The client may be gone from here on; what it sent is kept all the same.
  const kept = await sink.keep(received === session.declared_bytes);
  if (problem !== null && timeLeft.aborted) throw expired();
  if (problem !== null) throw problem instanceof SafelightError ? problem : wasCut(problem);
  return kept;
}
