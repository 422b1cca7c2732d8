import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { sql } from '#kysely';

import type { UploadSite } from './upload-context.ts';
import type { Context, Db } from '../lib/context.ts';
import { passesByItself } from '../lib/database.ts';
import { groupCalls } from '../lib/group-calls.ts';
import { notify } from '../lib/notify.ts';
import { SafelightError } from '../lib/errors.ts';
import { relaxed } from '../lib/relaxed.ts';
import type { Holders } from './holders.ts';
import type { UploadSession } from './session-rows.ts';

export type ResumableSite = UploadSite & { holders: Holders };
export type ResumableContext = Context<ResumableSite>;

export type Hold = {
  holder: string;
  /** Aborts when somebody waits for the upload and no byte has come for a while: the holder should store what it has and leave. */
  asked: AbortSignal;
  /** Says that the holder waits for its client, until `received`. A holder that is busy, even with storage, is not asked to leave. */
  waiting(): void;
  received(): void;
  /** The upload when it was taken. */
  session: UploadSession;
  /** True when the previous request has not released the upload and may still believe that it holds it. */
  wasLeft: boolean;
  /** Throws when the hold may have been lost: a process that stalled has to check before it publishes anything. */
  confirm(): Promise<void>;
  /** True once the lock was released together with the last record. */
  isReleased: boolean;
  release(): Promise<void>;
};

export const takenOver = (): SafelightError => new SafelightError('conflict', 'The upload was taken over or ended. Ask for its offset.');

type Taking = { id: string; holder: string };
type Taken = Pick<Hold, 'session' | 'wasLeft'>;

/** Renewed well before it runs out; after a crash the next request waits at most this long. */
const leaseSeconds = 5;
const renewMs = 1_500;
/** A holder that gets no byte for this long makes way for others. */
const idleMs = 150;
const patienceMs = 1_500;
const lookEveryMs = 40;

/**
 * Takes an upload for one request. The lock is a row with a lease, so it works across processes and ends with a process that died. A holder whose
 * client has gone silent is asked to leave and does so within a moment; a busy one keeps the upload, and the newcomer gets `conflict` (423).
 */
export async function holdUpload(ctx: ResumableContext, uploadId: string): Promise<Hold> {
  const holder = randomUUID();
  const deadline = performance.now() + patienceMs;
  let taken: Taken | null;
  let since = performance.now();
  while ((taken = await take(ctx.site.db, { id: uploadId, holder })) === null) {
    if (performance.now() > deadline)
      throw new SafelightError('conflict', 'Another request is sending this upload right now. Ask for the offset in a moment and go on from there.', {
        headers: { 'retry-after': '1' },
        context: { locked: true },
      });
    askHolder(ctx, uploadId);
    await delay(lookEveryMs, undefined, { signal: ctx.signal });
    since = performance.now();
  }
  return holdOf(ctx, taken, holder, since);
}

/** Asks the request that holds the upload to leave if its client is silent, and waits a moment for it. */
export async function letGo(ctx: ResumableContext, uploadId: string): Promise<void> {
  const deadline = performance.now() + idleMs * 4;
  for (;;) {
    const { rows } = await sql<{ held: boolean }>`
      select lock_until > now() as held from upload_session where id = ${uploadId}`.execute(ctx.site.db);
    if (rows[0]?.held !== true || performance.now() > deadline) return;
    askHolder(ctx, uploadId);
    await delay(lookEveryMs, undefined, { signal: ctx.signal });
  }
}

function askHolder(ctx: ResumableContext, uploadId: string): void {
  ctx.site.holders.ask(uploadId);
  notify(ctx.site.db, 'uploads', uploadId);
}

/**
 * The holder numbers its parts after those that count, so it overwrites parts that an earlier request had sent and never recorded, because the
 * checksum was wrong or the process died. Some providers (Ceph) refuse to complete an upload with parts that the list does not name.
 */
const take = groupCalls<Db, Taking, Taken | null>({
  run: async (db, takings) => {
    const given = JSON.stringify(takings.map((taking) => ({ ...taking, by: 'id' })));
    // Rows that another transaction has locked are left out, so that no upload waits for another one's and no two groups deadlock. `by` only tells the
    // planner that they are few.
    const { rows } = await sql<UploadSession & { left_by: string | null }>`
      update upload_session
      set lock_holder = before.holder, lock_until = now() + make_interval(secs => ${leaseSeconds}),
        next_part = (select coalesce(max(part_number), 0) + 1 from upload_part where upload_id = upload_session.id)
      from (
        select upload_session.id, upload_session.lock_holder, given.holder
        from jsonb_to_recordset(${given}::jsonb) as given (id uuid, holder uuid, by text)
        join upload_session on upload_session.id = given.id
        where given.by = 'id' for update of upload_session skip locked
      ) as before
      where upload_session.id = before.id and (lock_until is null or lock_until < now()) and ${relaxed}
      returning upload_session.*, before.lock_holder as left_by`.execute(db);
    return takings.map(({ id, holder }) => {
      const row = rows.find((taken) => taken.id === id && taken.lock_holder === holder);
      if (row === undefined) return null;
      const { left_by: leftBy, ...session } = row;
      return { session, wasLeft: leftBy !== null };
    });
  },
  failsForAll: passesByItself,
});

function holdOf(ctx: ResumableContext, { session, wasLeft }: Taken, holder: string, since: number): Hold {
  const { id: uploadId } = session;
  const asked = new AbortController();
  let silentSince: number | null = null;
  const askToLeave = (): void => {
    if (silentSince !== null && performance.now() - silentSince >= idleMs)
      asked.abort(new SafelightError('conflict', 'A newer request has taken this upload over.'));
  };
  const leave = ctx.site.holders.add(uploadId, askToLeave);
  let heldAt = since;
  const renew = async (): Promise<boolean> => {
    const askedAt = performance.now();
    const { numAffectedRows } = await sql`
        update upload_session set lock_until = now() + make_interval(secs => ${leaseSeconds})
        where id = ${uploadId} and lock_holder = ${holder} and ${relaxed}`.execute(ctx.site.db);
    if (numAffectedRows === 0n) return false;
    heldAt = askedAt;
    return true;
  };
  const renewal = setInterval(() => {
    renew().catch((error: unknown) => ctx.log.warn({ err: error, uploadId }, 'the lease of an upload could not be renewed'));
  }, renewMs);
  return {
    holder,
    session,
    wasLeft,
    isReleased: false,
    async confirm() {
      if (performance.now() - heldAt > (leaseSeconds * 1000) / 2 && !(await renew())) throw takenOver();
    },
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
      if (this.isReleased) return;
      await sql`
        update upload_session set lock_holder = null, lock_until = 'epoch'
        where id = ${uploadId} and lock_holder = ${holder} and ${relaxed}`.execute(ctx.site.db);
    },
  };
}
