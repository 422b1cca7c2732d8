import { createHash } from 'node:crypto';

import { mediaEvent } from '../assets/media-event.ts';
import { readRow, type MediaRow } from '../assets/media-row.ts';
import { renderMedia } from '../assets/render-media.ts';
import { emit } from '../events/emit.ts';
import type { JobContext } from '../jobs/running-job.ts';
import type { DoneStages } from '../lib/schema.ts';
import { transact } from '../lib/transact.ts';
import { lockMedia } from '../places/lock-media.ts';
import type { CollectionConfig } from '../policy/collection.ts';
import { bindArtifacts, releaseObjects, locatorOf } from '../storage/ledger.ts';
import type { KeptStage, Stages } from './made.ts';
import type { ProcessingContext, ProcessingSite } from './processing-context.ts';
import { discardWritten } from '../storage/discard-written.ts';
import type { RenderedArtifact } from './render-artifacts.ts';
import { recordingVersion } from './render-fingerprint.ts';
import { storeFiles } from './store-files.ts';

/** Thrown when the asset has changed since the work began: nothing of it is kept. */
class Overtaken extends Error {
  override readonly name = 'Overtaken';
}

/**
 * Finds the finished stages of earlier attempts at an asset, and keeps those of this one. A stage's outputs belong to the asset from then on: its
 * owner sees them, they survive a crash, and they are removed when processing fails.
 */
export async function resumeStages(ctx: ProcessingContext & JobContext, row: MediaRow, collection: CollectionConfig): Promise<Stages> {
  const of = createHash('sha256')
    .update(JSON.stringify([recordingVersion, row.source_object_id, collection.video, collection.audio, collection.visibility, collection.gate]))
    .digest('base64url');
  const done: DoneStages['done'] = row.stages?.of === of ? { ...row.stages.done } : {};
  const artifacts = await readArtifacts(ctx, row.id);
  return {
    found(stage) {
      const left = done[stage];
      if (left === undefined) return null;
      const kept = left.roles.map((role) => artifacts.find((artifact) => artifact.role === role));
      const present = kept.filter((artifact) => artifact !== undefined);
      return present.length < kept.length ? null : ({ note: left.note, artifacts: present } satisfies KeptStage);
    },
    async keep(stage, files, note, columns = {}) {
      const stored = await storeFiles(ctx, { collection, ownerId: row.owner_id, assetId: row.id }, files);
      done[stage] = { roles: stored.map(({ role }) => role), note };
      try {
        await transact(ctx.site.db, async (tx) => {
          await ctx.job.requireHeld(tx);
          const current = await lockMedia(tx, row.id);
          if (current?.status !== 'processing' || current.source_object_id !== row.source_object_id) throw new Overtaken();
          const roles = new Set(stored.map(({ role }) => role));
          const earlier = artifacts.filter(({ role }) => roles.has(role)).map(({ id }) => id);
          if (earlier.length > 0) await releaseObjects(tx, earlier);
          if (stored.length > 0) await bindArtifacts(tx, row.id, stored);
          await tx
            .updateTable('asset')
            .set((eb) => ({
              ...columns,
              stages: JSON.stringify({ of, done } satisfies DoneStages),
              version: eb('version', '+', 1),
              updated_at: ctx.site.clock.now(),
            }))
            .where('id', '=', row.id)
            .execute();
          const after = stage === 'poster' ? await readRow(tx, row.id) : undefined;
          if (after !== undefined) await emit(tx, [mediaEvent(after, 'poster_ready', { media: renderMedia(after, ctx.site.urls, 'own') }, ctx.job.id)]);
        });
      } catch (error) {
        await discardWritten(ctx, stored);
        throw error;
      }
      return stored;
    },
  };
}

async function readArtifacts({ site: { db } }: { site: Pick<ProcessingSite, 'db'> }, assetId: string): Promise<RenderedArtifact[]> {
  const rows = await db
    .selectFrom('object')
    .select(['id', 'role', 'provider', 'location', 'key', 'token', 'bytes', 'sha256', 'mime_type', 'width', 'height', 'layout'])
    .where('asset_id', '=', assetId)
    .where('state', '=', 'stored')
    .where('token', 'is not', null)
    .execute();
  return rows.map(({ mime_type, bytes, layout, ...row }) => ({
    ...row,
    ...locatorOf(row),
    bytes: bytes ?? 0,
    mimeType: mime_type ?? 'application/octet-stream',
    layout,
  }));
}
