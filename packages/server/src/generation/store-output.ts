import { Readable } from 'node:stream';

import type { Generated } from '@safelight/contract/generation';
import type { Scope } from '@safelight/contract/scopes';

import { sniffBytes, sniffType } from '../filetypes/sniff.ts';
import { mediaTypeExtension } from './media-type-extension.ts';
import type { JobContext } from '../jobs/running-job.ts';
import { secondsFrom } from '../lib/clock.ts';
import { SafelightError } from '../lib/errors.ts';
import { owned } from '../lib/owned.ts';
import { newAssetId, newObjectId, newUploadId } from '../lib/ids.ts';
import { transact } from '../lib/transact.ts';
import { lockPlace } from '../places/lock-place.ts';
import { collectionNamed } from '../policy/collection.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { arrivalLeaseSeconds, locatorOf } from '../storage/ledger.ts';
import type { Locator } from '../storage/locator.ts';
import { measureBody, measuredChunks } from '../storage/measure-body.ts';
import { generatedKey } from '../storage/object-key.ts';
import { arrive } from '../uploads/arrive.ts';
import { insertSession, readSession, readSessionObject, type UploadSession } from '../uploads/session-rows.ts';
import { digitalSourceOf } from './digital-source.ts';
import type { GenerationContext, GenerationSite } from './generation-context.ts';
import { moveOutputs, type GenerationRow, type OutputRow } from './generation-rows.ts';
import { ProviderFailure } from './generator.ts';
import type { KeptRequest } from './start-generation.ts';
import { generatedKinds } from './generated-kinds.ts';

export type Making = { row: GenerationRow; kept: KeptRequest };

/**
 * Stores one output through the ledger, and makes it an asset that waits for processing. A repeat after a crash uses the same key and the same asset.
 */
export async function storeOutput(ctx: GenerationContext & JobContext, making: Making, output: OutputRow, body: Readable | Buffer): Promise<void> {
  try {
    await store(ctx, making, output, await peek(body));
  } finally {
    if (body instanceof Readable) body.destroy();
  }
}

async function store(ctx: GenerationContext & JobContext, making: Making, output: OutputRow, { head, whole }: Peeked): Promise<void> {
  const { row } = making;
  const sniffed = sniffType(head);
  if (sniffed === undefined || sniffed === null || sniffed.kind !== row.kind) {
    throw new ProviderFailure('provider_failed', `The provider answered something that is no ${generatedKinds[row.kind].one}.`, {
      isBilled: true,
    });
  }
  const opened = await openSession(ctx, making, output, sniffed.mime);
  const { session, locator } = opened;
  const rules = await readPolicy(ctx.site.db, session.collection);
  const stored = await ctx.site.stores.of(locator).put(locator.key, whole, {
    contentType: sniffed.mime,
    maxBytes: Math.min(rules.maxBytes, ctx.site.ceilings.requestBytes),
    signal: ctx.signal,
  });
  await register(ctx, making, output, opened, { mimeType: sniffed.mime, bytes: stored.bytes, sha256: stored.sha256, crc32: stored.crc32 });
}

/**
 * Recovers an output that an earlier worker had stored without recording it: it was paid for, and it is whole, since stores show only whole objects.
 * Returns false when there is none.
 */
export async function recoverOutput(ctx: GenerationContext & JobContext, making: Making, output: OutputRow): Promise<boolean> {
  const opened = await openedBefore(ctx, output);
  if (opened === null) return false;
  const { session, locator } = opened;
  const stored = await ctx.site.stores.of(locator).get(locator.key, { signal: ctx.signal });
  if (stored === null) return false;
  const measure = measureBody({});
  for await (const chunk of measuredChunks(stored.body, measure, ctx.signal)) if (chunk.length === 0) break;
  await register(ctx, making, output, opened, { mimeType: session.content_type ?? 'application/octet-stream', ...measure.finish() });
  return true;
}

type Opened = { session: UploadSession; locator: Locator; objectId: string };
type Facts = { mimeType: string; bytes: number; sha256: string | null; crc32?: number | undefined };

async function register(
  ctx: GenerationContext & JobContext,
  making: Making,
  output: OutputRow,
  { session, locator, objectId }: Opened,
  { mimeType, bytes, sha256, crc32 }: Facts,
): Promise<void> {
  const { row, kept } = making;
  await transact(ctx.site.db, async (tx) => {
    await lockPlace(tx, session);
    await ctx.job.requireHeld(tx);
    const moved = await moveOutputs(tx, row.job_id, { indices: [output.index], from: ['submitting', 'submitted'], to: 'stored', assetId: session.asset_id });
    if (moved.length === 0) throw new SafelightError('conflict', 'This output was given up meanwhile.', { retryable: false });
    const source = { objectId, key: locator.key, bytes, sha256, crc32 };
    // The job continues with it and runs as the system; the picture belongs to its owner.
    const charged = kept.hasQuota ? { by: { id: row.owner_id, scopes: new Set<Scope>() } } : null;
    const arrived = await arrive(ctx, tx, { session, sessionState: 'complete', kind: row.kind, mimeType, source, next: null, charged });
    if (arrived === null) throw new SafelightError('conflict', 'This output was given up meanwhile.', { retryable: false });
    await tx
      .updateTable('asset')
      .set({ generated: JSON.stringify(generatedBy(ctx, making, output.index)), digital_source: digitalSourceOf(row.provider, kept.wanted) })
      .where('id', '=', session.asset_id)
      .execute();
  });
}

function generatedBy(ctx: { site: Pick<GenerationSite, 'clock'> }, { row, kept }: Making, index: number): Generated {
  const { seed, inputs, prompt } = kept.wanted;
  return {
    provider: row.provider,
    model: row.model,
    jobId: row.job_id,
    index,
    seed: seed ?? null,
    inputs,
    prompt,
    createdAt: ctx.site.clock.now().toISOString(),
  };
}

/** The session of an earlier attempt, after removing what it had written; otherwise a new one, with the ledger row before the first byte. */
async function openSession(ctx: GenerationContext & JobContext, { row, kept }: Making, output: OutputRow, mimeType: string): Promise<Opened> {
  const known = await openedBefore(ctx, output);
  if (known !== null) {
    await ctx.site.stores.of(known.locator).delete([known.locator.key], { signal: ctx.signal });
    return known;
  }
  const collection = collectionNamed(ctx.site.collections, kept.plan.collection);
  const rules = await readPolicy(ctx.site.db, collection.name);
  const store = ctx.site.stores.active('final');
  const [uploadId, assetId, objectId] = [newUploadId(), newAssetId(), newObjectId()];
  const extension = mediaTypeExtension(mimeType);
  const { folder } = generatedKinds[row.kind];
  const locator = {
    provider: store.provider,
    location: store.location,
    key: generatedKey(collection.keyPrefix, row.owner_id, folder, row.job_id, output.index, extension),
  };
  const until = secondsFrom(ctx.site.clock.now(), arrivalLeaseSeconds);
  const session = await transact(ctx.site.db, async (tx) => {
    await ctx.job.requireHeld(tx);
    await insertSession(tx, {
      id: uploadId,
      assetId,
      objectId,
      protocol: 'import',
      ownerId: row.owner_id,
      plan: { ...kept.plan, collection, sortOrder: null, replaces: null, rules },
      fileName: `${row.job_id}_${output.index}.${extension}`,
      contentType: mimeType,
      declaredBytes: null,
      declaredSha256: null,
      locator,
      expiresAt: until,
      leaseUntil: until,
    });
    await tx.updateTable('upload_session').set({ job_id: row.job_id }).where('id', '=', uploadId).execute();
    await tx.updateTable('generation_output').set({ upload_id: uploadId }).where('job_id', '=', row.job_id).where('index', '=', output.index).execute();
    return await readSession(tx, uploadId);
  });
  if (session === undefined) throw new Error('a session that was just opened is gone');
  return { session, locator, objectId };
}

async function openedBefore({ site: { db } }: { site: Pick<GenerationSite, 'db'> }, output: Pick<OutputRow, 'upload_id'>): Promise<Opened | null> {
  const session = output.upload_id === null ? undefined : await readSession(db, output.upload_id);
  if (session?.state !== 'open' || session.object_id === null) return null;
  const object = await readSessionObject(db, session.object_id);
  return object?.state === 'writing' ? { session, locator: locatorOf(object), objectId: object.id } : null;
}

/** The first bytes, and a body that still starts with them. */
type Peeked = { head: Buffer; whole: Readable | Buffer };
async function peek(body: Readable | Buffer): Promise<Peeked> {
  if (Buffer.isBuffer(body)) return { head: body.subarray(0, sniffBytes), whole: body };
  const chunks: Buffer[] = [];
  const iterator = body[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  for (let length = 0; length < sniffBytes;) {
    const next = await iterator.next();
    if (next.done === true) break;
    chunks.push(next.value);
    length += next.value.length;
  }
  const rest = async function* (): AsyncGenerator<Buffer> {
    yield* chunks;
    yield* { [Symbol.asyncIterator]: () => iterator };
  };
  return { head: Buffer.concat(chunks).subarray(0, sniffBytes), whole: owned(Readable.from(rest(), { objectMode: false })) };
}
