import { createHash, randomUUID } from 'node:crypto';

import type { FastifyRequest } from 'fastify';
import type { ExpressionBuilder } from '#kysely';

import { secondsFrom } from '../lib/clock.ts';
import type { Actor } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { isBound } from '../lib/reach.ts';
import type { Database } from '../lib/schema.ts';
import type { Answer } from './answer.ts';
import { keepMadeFiles, MadeFiles } from './made-files.ts';
import { drainForm, formFingerprint } from './upload-form.ts';
import type { RequestContext } from './request-context.ts';

/** Renewed for as long as the request runs; if the process dies, its key is free again after this time. */
const leaseSeconds = 20;
const renewMs = 5_000;
const longestKey = 255;

export type Once = {
  key: string;
  operation: string;
  /** Null when the payload is a form, which is read while the operation runs. */ payload: unknown;
  request: FastifyRequest;
};

/**
 * Runs a creating request once for each `Idempotency-Key` of a caller. A repeat gets the first answer again, word for word; a repeat while the first
 * still runs gets 409; another payload under the same key gets 422. Refusals are not kept, nor are answers to a form that broke off: the client may
 * retry under the same key, and files that were already processed are not processed again.
 */
export async function runOnce(ctx: RequestContext, once: Once, run: () => Promise<Answer>): Promise<Answer> {
  if (once.key.length === 0 || once.key.length > longestKey)
    throw new SafelightError('invalid_request', `An Idempotency-Key has 1 to ${longestKey} characters. Send a shorter one, such as a UUID.`);
  const fingerprint = once.payload === null ? null : digest(once.payload);
  const lease: Lease = { ownerId: keeperOf(ctx.actor), key: once.key, lease: randomUUID() };
  const claimed = await claim(ctx, lease, once.operation);
  if (claimed === null) return await replay(ctx, once, fingerprint);
  const files = new MadeFiles(claimed.body);
  keepMadeFiles(once.request, files);
  const release = async (): Promise<unknown> => {
    const body = files.toKeep();
    if (body === null) return await ctx.site.db.deleteFrom('idempotency_key').where(held(lease)).execute();
    return await ctx.site.db
      .updateTable('idempotency_key')
      .set({ body, locked_until: new Date(0) })
      .where(held(lease))
      .execute();
  };
  const renewal = setInterval(() => void renew(ctx, lease), renewMs);
  let answer: Answer;
  try {
    answer = await run();
  } catch (error) {
    await release();
    throw error;
  } finally {
    clearInterval(renewal);
  }
  const given = fingerprint ?? formFingerprint(once.request);
  // A payload that did not arrive whole has no fingerprint, so its repeat runs.
  if (answer === 'sent' || answer.status >= 400 || given === null) {
    await release();
    return answer;
  }
  const kept = await keep(ctx, lease, answer, given).catch((error: unknown) => {
    // The request has succeeded: reporting a failure would make the client run it again.
    ctx.log.error({ err: error }, 'the answer to a request with an Idempotency-Key could not be stored');
    return true;
  });
  if (!kept) ctx.log.warn('a request with an Idempotency-Key stalled for so long that a repeat of it ran as well');
  return answer;
}

/** Identifies a request's hold on its key. A request that stalled too long may lose the key to another, which has another `lease`. */
type Lease = { ownerId: string; key: string; lease: string };

const held =
  ({ ownerId, key, lease }: Lease) =>
  ({ and }: ExpressionBuilder<Database, 'idempotency_key'>) =>
    and({ owner_id: ownerId, key, lease, state: 'running' });

/** False when another request holds the key by now; that one's answer is kept. */
async function keep(ctx: RequestContext, lease: Lease, answer: Exclude<Answer, 'sent'>, fingerprint: string): Promise<boolean> {
  const { numUpdatedRows } = await ctx.site.db
    .updateTable('idempotency_key')
    .set({ state: 'done', status: answer.status, headers: JSON.stringify(answer.headers ?? {}), body: JSON.stringify(answer.body), fingerprint })
    .where(held(lease))
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Claims the key. Returns what is stored under it when this request is the one that runs, null when another is. */
async function claim(ctx: RequestContext, { ownerId, key, lease }: Lease, operation: string): Promise<{ body: string | null } | null> {
  const now = ctx.site.clock.now();
  const claimed = { operation, lease, locked_until: secondsFrom(now, leaseSeconds) };
  const row = await ctx.site.db
    .insertInto('idempotency_key')
    .values({ owner_id: ownerId, key, state: 'running', ...claimed })
    .onConflict((conflict) =>
      conflict.columns(['owner_id', 'key']).doUpdateSet(claimed).where('idempotency_key.state', '=', 'running').where('idempotency_key.locked_until', '<', now),
    )
    .returning('body')
    .executeTakeFirst();
  return row ?? null;
}

async function renew(ctx: RequestContext, lease: Lease): Promise<void> {
  await ctx.site.db
    .updateTable('idempotency_key')
    .set({ locked_until: secondsFrom(ctx.site.clock.now(), leaseSeconds) })
    .where(held(lease))
    .execute()
    .catch((error: unknown) => ctx.log.warn({ err: error }, 'the lease of an Idempotency-Key could not be renewed'));
}

async function replay(ctx: RequestContext, once: Once, fingerprint: string | null): Promise<Answer> {
  const row = await ctx.site.db
    .selectFrom('idempotency_key')
    .selectAll()
    .where('owner_id', '=', keeperOf(ctx.actor))
    .where('key', '=', once.key)
    .executeTakeFirst();
  if (row === undefined || row.state === 'running' || row.status === null) {
    throw new SafelightError('idempotency_conflict', 'A request with this Idempotency-Key is still running. Wait for it, then repeat to get its answer.', {
      headers: { 'retry-after': '1' },
    });
  }
  const given = fingerprint ?? (await drainForm(once.request));
  if (row.operation !== once.operation || row.fingerprint !== given) {
    throw new SafelightError('idempotency_mismatch', 'This Idempotency-Key was used for another request. Use a new key for each thing to create.');
  }
  return { status: row.status, headers: { ...row.headers, 'idempotency-replayed': 'true' }, body: JSON.parse(row.body ?? 'null') };
}

/**
 * Answers to a bound API key are kept apart from those to the owner it acts for: the owner's answers may be about things that the key cannot reach.
 */
const keeperOf = (actor: Actor): string => (isBound(actor) ? JSON.stringify([actor.id, actor.keyId]) : actor.id);

const digest = (payload: unknown): string => createHash('sha256').update(JSON.stringify(payload)).digest('hex');
