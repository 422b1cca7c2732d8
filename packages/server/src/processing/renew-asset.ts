import { forgetAtCdn } from '../assets/enqueue-purge.ts';
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
import { withLocalFile } from '../storage/local-copy.ts';
import { factColumns } from './make-image.ts';
import { isSamePoint } from './image-rules.ts';
import { inItsLane } from './in-its-lane.ts';
import type { ProcessingContext } from './processing-context.ts';
import { renderArtifacts, type PresentArtifact, type RenderInput, type Rendered } from './render-artifacts.ts';
import { renderFingerprint } from './render-fingerprint.ts';
import { discardObjects } from '../storage/discard-objects.ts';
import { isUnpreviewable, unlessUnpreviewable } from './unpreviewable.ts';

/**
 * Which outputs are made anew: those of a picture whose rules have changed since (`outdated`), only those that it lacks (`missing`), or
 * whatever the present code makes differently (`all`).
 */
export const renewals = ['outdated', 'missing', 'all'] as const;
export type Renewal = (typeof renewals)[number];

/** `renewed`: `roles` were added or put in the place of others, `removed` are gone. `passed`: there was nothing that could be made anew. */
export type Renewed =
  | { outcome: 'renewed'; roles: string[]; removed: string[] }
  | { outcome: 'unchanged' }
  | { outcome: 'passed'; reason: 'gone' | 'not_ready' | 'no_source' | 'unpreviewable' };

/**
 * Makes the outputs of a ready picture again, by the rules of today. What is shown stays shown until one transaction has put all new
 * artifacts in the place of the old; what comes out byte for byte the same keeps its object, and with it its URL. Only afterwards do the
 * old objects go. When the asset changes meanwhile (another source, another focal point, other artifacts), the result is discarded and
 * made again; when it goes, the result goes too.
 */
export async function renewAsset(ctx: ProcessingContext & JobContext, { assetId, renewal }: { assetId: string; renewal: Renewal }): Promise<Renewed | null> {
  for (;;) {
    ctx.signal.throwIfAborted();
    const found = await read(ctx, assetId);
    if ('outcome' in found) return found;
    if (renewal !== 'all' && lacksNothing(found, renewal)) return { outcome: 'unchanged' };
    let rendered: Rendered | null;
    try {
      rendered = await inItsLane(
        ctx.job,
        'short',
        async (options) => await unlessUnpreviewable(found.collection, null, () => render(ctx, found, renewal, options)),
      );
    } catch (error) {
      // A source that was purged under the decoder is no failure of anybody.
      const now = error instanceof AnotherLane ? found : await read(ctx, assetId);
      if ('outcome' in now && !ctx.signal.aborted) return now;
      throw error;
    }
    if (rendered === null) return { outcome: 'passed', reason: 'unpreviewable' };
    const result = rendered;
    const replaced = await transact(ctx.db, async (tx) => await apply(ctx, tx, found, result, renewal)).catch(async (error: unknown) => {
      await giveUp(ctx, rendered);
      throw error;
    });
    if (replaced !== null) {
      await discardObjects(ctx, replaced);
      // The job was settled in the transaction.
      return null;
    }
    await giveUp(ctx, rendered);
  }
}

const giveUp = async (ctx: ProcessingContext, { artifacts }: Rendered): Promise<void> =>
  await discardObjects(
    ctx,
    artifacts.map(({ id }) => id),
  );

type Source = { id: string; provider: string; location: string; key: string };
type Present = PresentArtifact & { id: string; token: string | null };
type Found = { row: MediaRow; source: Source; present: Present[]; collection: CollectionConfig; image: NonNullable<CollectionConfig['image']> };

async function read(ctx: ProcessingContext, assetId: string): Promise<Found | (Renewed & { outcome: 'passed' })> {
  const row = await selectMedia(ctx.db).where('asset.id', '=', assetId).executeTakeFirst();
  if (row === undefined || row.deleted_at !== null) return { outcome: 'passed', reason: 'gone' };
  const collection = collectionNamed(ctx.collections, row.collection);
  const { image } = collection;
  if (row.status !== 'ready' || row.kind !== 'image' || image === null) return { outcome: 'passed', reason: 'not_ready' };
  const objects = await ctx.db.selectFrom('object').selectAll().where('asset_id', '=', assetId).where('state', '=', 'stored').execute();
  const source = objects.find(({ id }) => id === row.source_object_id);
  if (source === undefined) return { outcome: 'passed', reason: 'no_source' };
  if (isUnpreviewable(collection, { mimeType: row.mime_type, bytes: row.byte_size })) return { outcome: 'passed', reason: 'unpreviewable' };
  const present = objects
    .filter(({ id }) => id !== source.id)
    .map(({ id, role, token, sha256, mime_type, width, height }) => ({ id, role, token, sha256, mimeType: mime_type, width, height }));
  return { row, source, present, collection, image };
}

function lacksNothing({ row, present, image }: Found, renewal: 'outdated' | 'missing'): boolean {
  const roles = new Set(present.map(({ role }) => role));
  const isWhole = image.outputs.every(({ role }) => roles.has(role));
  return isWhole && (renewal === 'missing' || row.render_fingerprint === renderFingerprint(image));
}

async function render(
  ctx: ProcessingContext,
  { row, source, present, collection }: Found,
  renewal: Renewal,
  options: Pick<RenderInput, 'slow'>,
): Promise<Rendered> {
  return await withLocalFile(ctx.stores, locatorOf(source), ctx.signal, (file) =>
    renderArtifacts(ctx, {
      file,
      collection,
      // It was accepted once; that a policy of today would refuse it takes nothing away.
      rules: null,
      ownerId: row.owner_id,
      assetId: row.id,
      mimeType: row.mime_type,
      focalPoint: row.focal_point,
      digitalSource: row.digital_source,
      present,
      ...options,
      ...(renewal === 'missing' ? { without: new Set(present.map(({ role }) => role)) } : {}),
    }),
  );
}

/** The ids of what was replaced; null when the asset is not what was rendered any more. */
async function apply(ctx: ProcessingContext & JobContext, tx: Tx, found: Found, rendered: Rendered, renewal: Renewal): Promise<string[] | null> {
  const { image } = found;
  const assetId = found.row.id;
  const current = await lockMedia(tx, assetId);
  if (current === undefined || current.deleted_at !== null || current.status !== 'ready') return null;
  if (current.source_object_id !== found.source.id || !isSamePoint(current.focal_point, rendered.focalPoint)) return null;
  const tokens = new Set(current.artifacts.map(({ token }) => token));
  if (!found.present.every(({ token }) => tokens.has(token)) || current.artifacts.length !== found.present.length + 1) return null;

  const made = new Set(rendered.artifacts.map(({ role }) => role));
  const wanted = new Set(image.outputs.map(({ role }) => role));
  const replaced = found.present.filter(({ role }) => made.has(role) || (renewal !== 'missing' && !wanted.has(role)));
  const isChanged = rendered.artifacts.length > 0 || replaced.length > 0;
  const isCurrent = renewal !== 'missing' || rendered.same.length === found.present.length;
  if (replaced.length > 0)
    await releaseObjects(
      tx,
      replaced.map(({ id }) => id),
    );
  if (rendered.artifacts.length > 0) await bindArtifacts(tx, assetId, rendered.artifacts);
  const facts = factColumns(rendered.facts);
  const isOtherFacts = Object.entries(facts).some(([column, value]) => current[column as keyof typeof facts] !== value);
  const isTold = isChanged || isOtherFacts;
  await tx
    .updateTable('asset')
    .set((eb) => ({
      ...facts,
      render_fingerprint: isCurrent ? renderFingerprint(image) : null,
      ...(isTold ? { version: eb('version', '+', 1), updated_at: ctx.clock.now() } : {}),
    }))
    .where('id', '=', assetId)
    .execute();
  const result: Renewed = isTold ? { outcome: 'renewed', roles: [...made], removed: replaced.map(({ role }) => role) } : { outcome: 'unchanged' };
  await ctx.job.settle(tx, result);
  if (current.published) await forgetAtCdn(ctx, tx, [{ owner_id: current.owner_id, artifacts: withTokensOf(current, replaced) }]);
  if (isTold) {
    const after = await readRow(tx, assetId);
    if (after === undefined) throw new Error('an asset that this transaction holds is gone');
    const media = renderMedia(after, ctx.urls, 'own');
    await emit(tx, [mediaEvent(after, 'processing_complete', { result: { url: media.src, path: objectPathOf(after.artifacts), media } }, ctx.job.id)]);
  }
  return replaced.map(({ id }) => id);
}

const withTokensOf = ({ artifacts }: MediaRow, replaced: readonly Present[]): MediaRow['artifacts'] => {
  const tokens = new Set(replaced.map(({ token }) => token));
  return artifacts.filter(({ token }) => tokens.has(token));
};
