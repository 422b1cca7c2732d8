import { isDeepStrictEqual } from 'node:util';

import { enqueueCdnPurge } from '../assets/enqueue-purge.ts';
import { kindRules } from '../assets/kind-rules.ts';
import { lockMedia } from '../places/lock-media.ts';
import { mediaEvent } from '../assets/media-event.ts';
import { readRow, selectMedia, type MediaRow } from '../assets/media-row.ts';
import { objectPathOf, renderMedia } from '../assets/render-media.ts';
import { emit } from '../events/emit.ts';
import { AnotherLane, type JobContext } from '../jobs/running-job.ts';
import type { Tx } from '../lib/context.ts';
import { transact } from '../lib/transact.ts';
import { collectionNamed, type CollectionConfig } from '../policy/collection.ts';
import { bindArtifacts, locatorOf, releaseObjects } from '../storage/ledger.ts';
import { kinds } from './kinds.ts';
import { remakeFrom } from './make-from.ts';
import type { FactColumns, Remade } from './made.ts';
import { isSamePoint } from './image-rules.ts';
import { inItsLane } from './in-its-lane.ts';
import type { ProcessingContext } from './processing-context.ts';
import type { PresentArtifact, RenderInput } from './render-artifacts.ts';
import { discardObjects } from '../storage/discard-objects.ts';
import { discardWritten } from '../storage/discard-written.ts';
import { isUnpreviewable, unlessUnpreviewable } from './unpreviewable.ts';

/**
 * Which outputs are remade: those of an asset whose rules have changed since (`outdated`), only missing ones (`missing`), or everything that the
 * present code makes differently (`all`).
 */
export const renewals = ['outdated', 'missing', 'all'] as const;
export type Renewal = (typeof renewals)[number];

/** `renewed`: `roles` were added or replaced, `removed` are gone. `passed`: nothing could be remade. */
export type Renewed =
  | { outcome: 'renewed'; roles: string[]; removed: string[] }
  | { outcome: 'unchanged' }
  | { outcome: 'passed'; reason: 'gone' | 'not_ready' | 'no_source' | 'unpreviewable' };

/**
 * Remakes the outputs of a ready asset by the current rules. The old ones stay visible until one transaction replaces them all; an output that comes
 * out byte for byte the same keeps its object, and with it its URL. Only afterwards are the old objects removed. If the asset changes meanwhile
 * (another source, focal point or artifact), the result is discarded and made again; if it is deleted, the result is removed too.
 */
export async function renewAsset(ctx: ProcessingContext & JobContext, { assetId, renewal }: { assetId: string; renewal: Renewal }): Promise<Renewed | null> {
  for (;;) {
    ctx.signal.throwIfAborted();
    const found = await read(ctx, assetId);
    if ('outcome' in found) return found;
    if (renewal !== 'all' && lacksNothing(found, renewal)) return { outcome: 'unchanged' };
    let rendered: Remade | null;
    try {
      rendered = await inItsLane(
        ctx.job,
        kindRules[found.row.kind].renewalLane,
        async (options) => await unlessUnpreviewable(found.collection, null, () => render(ctx, found, renewal, options)),
      );
    } catch (error) {
      // A source that was purged during the decode is nobody's failure.
      const now = error instanceof AnotherLane ? found : await read(ctx, assetId);
      if ('outcome' in now && !ctx.signal.aborted) return now;
      throw error;
    }
    if (rendered === null) return { outcome: 'passed', reason: 'unpreviewable' };
    const result = rendered;
    const replaced = await transact(ctx.site.db, async (tx) => await apply(ctx, tx, found, result, renewal)).catch(async (error: unknown) => {
      await giveUp(ctx, rendered);
      throw error;
    });
    if (replaced !== null) {
      await discardObjects(ctx, replaced);
      // The transaction has settled the job.
      return null;
    }
    await giveUp(ctx, rendered);
  }
}

const giveUp = async (ctx: ProcessingContext, { artifacts }: Remade): Promise<void> => await discardWritten(ctx, artifacts);

type Source = { id: string; provider: string; location: string; key: string };
type Present = PresentArtifact & { id: string; token: string | null };
/** `present` are its outputs; `fingerprint` identifies the current rules. */
type Found = {
  row: MediaRow;
  source: Source;
  present: Present[];
  collection: CollectionConfig;
  fingerprint: string;
};

/** Captions were uploaded, not made: they stay. */
const isMade = ({ role }: { role: string }): boolean => role !== 'source' && !role.startsWith('captions_');

async function read(ctx: ProcessingContext, assetId: string): Promise<Found | (Renewed & { outcome: 'passed' })> {
  const row = await selectMedia(ctx.site.db).where('asset.id', '=', assetId).executeTakeFirst();
  if (row === undefined || row.deleted_at !== null) return { outcome: 'passed', reason: 'gone' };
  const collection = collectionNamed(ctx.site.collections, row.collection);
  const fingerprint = kinds[row.kind].fingerprint(collection);
  if (row.status !== 'ready' || fingerprint === null || !kinds[row.kind].isMade(collection, row.mime_type)) return { outcome: 'passed', reason: 'not_ready' };
  const objects = await ctx.site.db.selectFrom('object').selectAll().where('asset_id', '=', assetId).where('state', '=', 'stored').execute();
  const source = objects.find(({ id }) => id === row.source_object_id);
  if (source === undefined) return { outcome: 'passed', reason: 'no_source' };
  if (isUnpreviewable(collection, { mimeType: row.mime_type, bytes: row.byte_size })) return { outcome: 'passed', reason: 'unpreviewable' };
  const present = objects
    .filter(isMade)
    .map(({ id, role, token, sha256, mime_type, width, height, layout }) => ({ id, role, token, sha256, mimeType: mime_type, width, height, layout }));
  return { row, source, present, collection, fingerprint };
}

function lacksNothing({ row, present, collection, fingerprint }: Found, renewal: 'outdated' | 'missing'): boolean {
  const roles = new Set(present.map(({ role }) => role));
  const isWhole = kinds[row.kind].roles(collection).every((role) => roles.has(role));
  return isWhole && (renewal === 'missing' || row.render_fingerprint === fingerprint);
}

async function render(
  ctx: ProcessingContext & JobContext,
  { row, source, present, collection }: Found,
  renewal: Renewal,
  options: Pick<RenderInput, 'slow'>,
): Promise<Remade> {
  const { staged } = kinds[row.kind];
  const input = {
    collection,
    // The asset was accepted once; a stricter policy of today does not take it away.
    rules: null,
    ownerId: row.owner_id,
    assetId: row.id,
    mimeType: row.mime_type,
    focalPoint: row.focal_point,
    digitalSource: row.digital_source,
    present,
    ...options,
    ...(renewal === 'missing' ? { without: new Set(present.map(({ role }) => role)) } : {}),
  };
  return await remakeFrom(ctx, row.kind, locatorOf(source), {
    ...input,
    ...(staged ? { onProgress: (fraction: number | null, step: string) => ctx.job.progress(fraction, step) } : {}),
  });
}

/** The ids of the replaced objects; null when the asset has changed since it was rendered. */
async function apply(ctx: ProcessingContext & JobContext, tx: Tx, found: Found, rendered: Remade, renewal: Renewal): Promise<string[] | null> {
  const assetId = found.row.id;
  const current = await lockMedia(tx, assetId);
  if (current === undefined || current.deleted_at !== null || current.status !== 'ready') return null;
  if (current.source_object_id !== found.source.id || !isSamePoint(current.focal_point, rendered.focalPoint)) return null;
  const tokens = new Set(current.artifacts.map(([, token]) => token));
  if (!found.present.every(({ token }) => tokens.has(token)) || current.artifacts.filter(([role]) => isMade({ role })).length !== found.present.length)
    return null;

  const made = new Set(rendered.artifacts.map(({ role }) => role));
  const wanted = new Set([...made, ...rendered.same]);
  const replaced = found.present.filter(({ role }) => made.has(role) || (renewal !== 'missing' && !wanted.has(role)));
  const isChanged = rendered.artifacts.length > 0 || replaced.length > 0;
  const isCurrent = renewal !== 'missing' || rendered.same.length === found.present.length;
  if (replaced.length > 0)
    await releaseObjects(
      tx,
      replaced.map(({ id }) => id),
    );
  if (rendered.artifacts.length > 0) await bindArtifacts(tx, assetId, rendered.artifacts);
  const { processing, ...facts } = rendered.columns;
  const isTold = isChanged || tellsOther(current, facts);
  await tx
    .updateTable('asset')
    .set((eb) => ({
      ...facts,
      render_fingerprint: isCurrent ? found.fingerprint : null,
      // The cost of the work is reported only together with a result.
      ...(isTold ? { ...(processing === undefined ? {} : { processing }), version: eb('version', '+', 1), updated_at: ctx.site.clock.now() } : {}),
    }))
    .where('id', '=', assetId)
    .execute();
  const result: Renewed = isTold ? { outcome: 'renewed', roles: [...made], removed: replaced.map(({ role }) => role) } : { outcome: 'unchanged' };
  await ctx.job.settle(tx, result);
  if (current.published) await enqueueCdnPurge(ctx, tx, [{ owner_id: current.owner_id, artifacts: withTokensOf(current, replaced) }]);
  if (isTold) {
    const after = await readRow(tx, assetId);
    if (after === undefined) throw new Error('an asset that this transaction holds is gone');
    const media = renderMedia(after, ctx.site.urls, 'own');
    await emit(tx, [mediaEvent(after, 'processing_complete', { result: { url: media.src, path: objectPathOf(after.artifacts), media } }, ctx.job.id)]);
  }
  return replaced.map(({ id }) => id);
}

/** Whether any found fact differs from the record; JSON columns arrive as text and are parsed first. */
const tellsOther = (current: MediaRow, facts: FactColumns): boolean =>
  Object.entries(facts).some(([column, value]) => {
    const said: unknown = current[column as keyof typeof facts];
    return !isDeepStrictEqual(typeof value === 'string' && typeof said === 'object' && said !== null ? JSON.parse(value) : value, said);
  });

const withTokensOf = ({ artifacts }: MediaRow, replaced: readonly Present[]): MediaRow['artifacts'] => {
  const tokens = new Set(replaced.map(({ token }) => token));
  return artifacts.filter(([, token]) => tokens.has(token));
};
