import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { sql } from 'kysely';

import { hint } from '../lib/hints.ts';
import { SafelightError } from '../lib/errors.ts';
import type { Holders } from './holders.ts';
import type { UploadContext } from './upload-context.ts';

export type ResumableContext = UploadContext & { holders: Holders };

export type Hold = {
  holder: string;
  /** Aborts when somebody waits for the upload and no byte has come for a while: flush what is there and leave. */
  asked: AbortSignal;
  /** The holder waits for its client from now on, until `received`. Who is busy, be it with storage, is not asked away. */
  waiting(): void;
  received(): void;
  release(): Promise<void>;
};

/** Renewed well before it runs out; after a crash the next one waits this long at most. */
const leaseSeconds = 5;
const renewMs = 1_500;
/** Without a byte for this long a holder makes room. */
const idleMs = 150;
const patienceMs = 1_500;
const lookEveryMs = 40;

/**
 * Takes an upload for one request: the lock is a row with a lease, so it holds across processes and ends with a process that died.
 * A holder whose client has gone silent is asked to leave and does so within a moment; one that is busy keeps it, and the newcomer is
 * told `conflict` (423).
 */
export async function holdUpload(ctx: ResumableContext, uploadId: string): Promise<Hold> {
  const holder = randomUUID();
  const deadline = performance.now() + patienceMs;
  while (!(await take(ctx, uploadId, holder))) {
    if (performance.now() > deadline)
      throw new SafelightError('conflict', 'Another request is sending this upload right now. Ask for the offset in a moment and go on from there.', {
        headers: { 'retry-after': '1' },
        context: { locked: true },
      });
    askHolder(ctx, uploadId);
    await delay(lookEveryMs, undefined, { signal: ctx.signal });
  }
  return holdOf(ctx, uploadId, holder);
}

/** Asks whoever holds the upload to leave if its client is silent, and waits a moment for that. */
export async function letGo(ctx: ResumableContext, uploadId: string): Promise<void> {
  const deadline = performance.now() + idleMs * 4;
  for (;;) {
    const { rows } = await sql<{ held: boolean }>`select lock_until > now() as held from upload_session where id = ${uploadId}`.execute(ctx.db);
    if (rows[0]?.held !== true || performance.now() > deadline) return;
    askHolder(ctx, uploadId);
    await delay(lookEveryMs, undefined, { signal: ctx.signal });
  }
}

function askHolder(ctx: ResumableContext, uploadId: string): void {
  ctx.holders.ask(uploadId);
  hint(ctx.db, 'uploads', uploadId);
}

/**
 * The holder's parts are numbered behind those that count: it writes over what a request before it had sent and never recorded, because
 * its checksum was wrong or its process died. Some providers (Ceph) refuse to join an upload that has parts which nobody names.
 */
async function take(ctx: ResumableContext, uploadId: string, holder: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    update upload_session set lock_holder = ${holder}, lock_until = now() + make_interval(secs => ${leaseSeconds}),
      next_part = (select coalesce(max(part_number), 0) + 1 from upload_part where upload_id = upload_session.id)
    where id = ${uploadId} and (lock_until is null or lock_until < now())`.execute(ctx.db);
  return numAffectedRows === 1n;
}

function holdOf(ctx: ResumableContext, uploadId: string, holder: string): Hold {
  const asked = new AbortController();
  let silentSince: number | null = null;
  const askToLeave = (): void => {
    if (silentSince !== null && performance.now() - silentSince >= idleMs)
      asked.abort(new SafelightError('conflict', 'A newer request has taken this upload over.'));
  };
  const leave = ctx.holders.add(uploadId, askToLeave);
  const renewal = setInterval(() => {
    void sql`update upload_session set lock_until = now() + make_interval(secs => ${leaseSeconds}) where id = ${uploadId} and lock_holder = ${holder}`
      .execute(ctx.db)
      .catch((error: unknown) => ctx.log.warn({ err: error, uploadId }, 'the lease of an upload could not be renewed'));
  }, renewMs);
  return {
    holder,
    asked: asked.signal,
    waiting() {
      silentSince = performance.now();
    },
    received() {
      silentSince = null;
    },
    async release() {
      clearInterval(renewal);
      leave();
      await sql`update upload_session set lock_holder = null, lock_until = null where id = ${uploadId} and lock_holder = ${holder}`.execute(ctx.db);
    },
  };
}
