import { createHash, randomUUID, randomUUIDv7 } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import type { FastifyRequest } from 'fastify';
import { sql, type ExpressionBuilder, type UpdateObject } from '#kysely';

import { secondsFrom } from '../lib/clock.ts';
import type { Actor, Db, Tx } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { isBound } from '../lib/reach.ts';
import type { Sealing } from '../lib/sealing.ts';
import type { Database } from '../lib/schema.ts';
import type { Answer, KeptAnswer } from './answer.ts';
import { keepMadeSoFar, MadeSoFar, type Made } from './made-so-far.ts';
import { drainForm, formFingerprint } from './upload-form.ts';
import type { RequestContext } from './request-context.ts';

/** Renewed for as long as the request runs; if the process dies, or cannot free it, its key is free again after this time. */
const leaseSeconds = 20;
const renewMs = 5_000;
const longestKey = 255;

export type Once = {
  key: string;
  operation: string;
  /** Null when the payload is a form, which is read while the operation runs. */ payload: unknown;
  request: FastifyRequest;
  /** Encrypts the answer that is kept, because it contains a secret. */
  sealing?: Sealing | undefined;
};

/**
 * Runs a creating request once for each `Idempotency-Key` of a caller. A repeat gets the first answer again, word for word; a repeat while the first
 * still runs gets 409; another payload under the same key gets 422. Refusals are not kept, nor are answers to a form that broke off: the client may
 * retry under the same key, and files that were already processed are not processed again.
 *
 * What creates something keeps its answer by the transaction that creates it, so that a repeat gets it also if the server dies after the COMMIT.
 */
export async function runOnce(ctx: RequestContext, once: Once, run: (keepIn: KeepIn) => Promise<Answer>): Promise<Answer> {
  if (once.key.length === 0 || once.key.length > longestKey)
    throw new SafelightError('invalid_request', `An Idempotency-Key has 1 to ${longestKey} characters. Send a shorter one, such as a UUID.`);
  const fingerprint = once.payload === null ? null : digest(once.payload);
  const lease: Lease = { ownerId: keeperOf(ctx.actor), key: once.key, lease: randomUUID() };
  const claimed = await claim(ctx, lease, once.operation).catch((error: unknown) => {
    // The key may have been claimed although the answer was lost.
    void freeWhenBack(ctx, lease);
    throw error;
  });
  if (claimed === null) return await replay(ctx, once, lease, fingerprint);
  keepMadeSoFar(once.request, new MadeSoFar(claimed.made, async (tx, one) => requireHeld(await addMade(tx, lease, one))));
  let isKept = false;
  const keepIn: KeepIn = async (tx, made) => {
    const given = fingerprint ?? formFingerprint(once.request);
    // A payload that did not arrive whole has no fingerprint, so its repeat runs.
    if (given === null) return;
    requireHeld(await setHeld(tx, lease, done(once, lease, made, given)));
    isKept = true;
  };
  const renewal = setInterval(() => void renew(ctx, lease), renewMs);
  let answer: Answer;
  try {
    answer = await run(keepIn);
  } catch (error) {
    await free(ctx, lease);
    throw error;
  } finally {
    clearInterval(renewal);
  }
  if (isKept) return answer;
  const given = fingerprint ?? formFingerprint(once.request);
  if (answer === 'sent' || answer.status >= 400 || given === null) {
    await free(ctx, lease);
    return answer;
  }
  const kept = await setHeld(ctx.site.db, lease, done(once, lease, answer, given)).catch((error: unknown) => {
    // The request has succeeded: reporting a failure would make the client run it again.
    ctx.log.error({ err: error }, 'the answer to a request with an Idempotency-Key could not be stored');
    return true;
  });
  if (!kept) ctx.log.warn('a request with an Idempotency-Key stalled for so long that a repeat of it ran as well');
  return answer;
}

/** Keeps the answer of a request by the transaction that creates what it tells of. Throws when another request holds the key by now. */
export type KeepIn = (tx: Tx, answer: KeptAnswer) => Promise<void>;

/** Identifies a request's hold on its key. A request that stalled too long may lose the key to another, which has another `lease`. */
type Lease = { ownerId: string; key: string; lease: string };

const held =
  ({ ownerId, key, lease }: Lease) =>
  ({ and }: ExpressionBuilder<Database, 'idempotency_key'>) =>
    and({ owner_id: ownerId, key, lease, state: 'running' });

const under =
  ({ ownerId, key }: Lease) =>
  ({ and }: ExpressionBuilder<Database, 'idempotency_made'>) =>
    and({ owner_id: ownerId, key });

const done = ({ sealing }: Once, lease: Lease, answer: KeptAnswer, fingerprint: string) => ({
  state: 'done' as const,
  status: answer.status,
  headers: JSON.stringify(answer.headers ?? {}),
  body: sealing === undefined ? JSON.stringify(answer.body) : sealing.seal(JSON.stringify(answer.body), boundTo(lease)),
  fingerprint,
});

/** False when another request holds the key by now; what that one stores is left unchanged. */
async function setHeld(db: Db, lease: Lease, values: UpdateObject<Database, 'idempotency_key'>): Promise<boolean> {
  const { numUpdatedRows } = await db.updateTable('idempotency_key').set(values).where(held(lease)).executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** False when another request holds the key by now. None can take it before the transaction has ended. */
async function addMade(tx: Tx, lease: Lease, { what, answer }: Made): Promise<boolean> {
  const { numInsertedOrUpdatedRows: added } = await tx
    .insertInto('idempotency_made')
    .columns(['owner_id', 'key', 'id', 'what', 'answer'])
    .expression(({ selectFrom, val }) =>
      selectFrom('idempotency_key')
        .where(held(lease))
        .forShare()
        .select(['owner_id', 'key', val(randomUUIDv7()).as('id'), val(what).as('what'), val(answer).as('answer')]),
    )
    .executeTakeFirst();
  return (added ?? 0n) > 0n;
}

function requireHeld(isHeld: boolean): void {
  if (!isHeld) throw stillRunning();
}

/** Frees the key; never fails, because the client must hear what became of its request. */
async function free(ctx: RequestContext, lease: Lease): Promise<void> {
  try {
    await release(ctx, lease);
  } catch (error) {
    ctx.log.warn({ err: error }, 'an Idempotency-Key could not be freed; it is tried again');
    void freeWhenBack(ctx, lease);
  }
}

/** Frees the key once the database is back: a client that repeats its request would be told to wait until the lease has passed. */
async function freeWhenBack(ctx: RequestContext, lease: Lease): Promise<void> {
  for (let tries = leaseSeconds; tries > 0; tries--) {
    await delay(1_000, undefined, { ref: false });
    try {
      return await release(ctx, lease);
    } catch {
      // Away still.
    }
  }
}

/** What was made under the key so far stays with it. */
async function release(ctx: RequestContext, lease: Lease): Promise<void> {
  const { numDeletedRows } = await ctx.site.db
    .deleteFrom('idempotency_key')
    .where(held(lease))
    .where(({ not, exists, selectFrom }) => not(exists(selectFrom('idempotency_made').where(under(lease)).select('id'))))
    .executeTakeFirst();
  if (numDeletedRows === 0n) await setHeld(ctx.site.db, lease, { locked_until: new Date(0) });
}

const stillRunning = (): SafelightError =>
  new SafelightError('idempotency_conflict', 'A request with this Idempotency-Key is still running. Wait for it, then repeat to get its answer.', {
    headers: { 'retry-after': '1' },
  });

/** Claims the key. Returns what was made under it before when this request is the one that runs, null when another is. */
async function claim(ctx: RequestContext, lease: Lease, operation: string): Promise<{ made: Made[] } | null> {
  const now = ctx.site.clock.now();
  const claimed = { operation, lease: lease.lease, locked_until: secondsFrom(now, leaseSeconds) };
  const row = await ctx.site.db
    .insertInto('idempotency_key')
    .values({ owner_id: lease.ownerId, key: lease.key, state: 'running', ...claimed })
    .onConflict((conflict) =>
      conflict.columns(['owner_id', 'key']).doUpdateSet(claimed).where('idempotency_key.state', '=', 'running').where('idempotency_key.locked_until', '<', now),
    )
    .returning(sql<boolean>`created_at < now()`.as('isTakenOver'))
    .executeTakeFirst();
  if (row === undefined) return null;
  // Read once the key is ours: the request that had it may have been at its last file.
  const made = row.isTakenOver ? await ctx.site.db.selectFrom('idempotency_made').where(under(lease)).select(['what', 'answer']).orderBy('id').execute() : [];
  return { made };
}

async function renew(ctx: RequestContext, lease: Lease): Promise<void> {
  await ctx.site.db
    .updateTable('idempotency_key')
    .set({ locked_until: secondsFrom(ctx.site.clock.now(), leaseSeconds) })
    .where(held(lease))
    .execute()
    .catch((error: unknown) => ctx.log.warn({ err: error }, 'the lease of an Idempotency-Key could not be renewed'));
}

/** A sealed answer can be opened for this key alone. */
const boundTo = ({ ownerId, key }: Lease): string => JSON.stringify(['idempotency', ownerId, key]);

async function replay(ctx: RequestContext, once: Once, lease: Lease, fingerprint: string | null): Promise<Answer> {
  const row = await ctx.site.db.selectFrom('idempotency_key').selectAll().where('owner_id', '=', lease.ownerId).where('key', '=', lease.key).executeTakeFirst();
  if (row === undefined || row.state === 'running' || row.status === null) throw stillRunning();
  const given = fingerprint ?? (await drainForm(once.request));
  if (row.operation !== once.operation || row.fingerprint !== given) {
    throw new SafelightError('idempotency_mismatch', 'This Idempotency-Key was used for another request. Use a new key for each thing to create.');
  }
  const body = once.sealing === undefined ? row.body : once.sealing.open(row.body ?? '', boundTo(lease));
  if (body === null && once.sealing !== undefined)
    throw new SafelightError(
      'conflict',
      'This request has succeeded, but the signing key that encrypted its answer was removed. List what it made, and rotate the secret.',
    );
  return { status: row.status, headers: { ...row.headers, 'idempotency-replayed': 'true' }, body: JSON.parse(body ?? 'null') };
}

/**
 * Answers to a bound API key are kept apart from those to the owner it acts for: the owner's answers may be about things that the key cannot reach.
 */
const keeperOf = (actor: Actor): string => (isBound(actor) ? JSON.stringify([actor.id, actor.keyId]) : actor.id);

const digest = (payload: unknown): string => createHash('sha256').update(JSON.stringify(payload)).digest('hex');
