import { randomBytes } from 'node:crypto';

import type { Media } from '@safelight/contract/media';

import { kindRules } from '../assets/kind-rules.ts';
import type { AssetSite } from '../assets/read-media.ts';
import type { StoreSite } from '../storage/stores.ts';
import { requireOwn } from '../assets/access.ts';
import { readRow, type MediaRow } from '../assets/media-row.ts';
import { renderMedia } from '../assets/render-media.ts';
import { enqueueCdnPurge } from '../assets/enqueue-purge.ts';
import { secondsFrom } from '../lib/clock.ts';
import type { Tx, Context } from '../lib/context.ts';
import { notFound, SafelightError } from '../lib/errors.ts';
import { newObjectId, newOpaqueToken } from '../lib/ids.ts';
import { transact } from '../lib/transact.ts';
import { lockMedia } from '../places/lock-media.ts';
import { collectionNamed } from '../policy/collection.ts';
import { bindArtifacts, releaseObjects, reserveObjects } from '../storage/ledger.ts';
import { artifactKey } from '../storage/object-key.ts';
import { discardObjects } from '../storage/discard-objects.ts';
import { discardWritten } from '../storage/discard-written.ts';
import { readCaptions } from './read-captions.ts';

type CaptionContext = Context<AssetSite & StoreSite>;

const leaseSeconds = 300;
const mostLanguages = 50;

const captionsRole = (language: string): string => `captions_${language.toLowerCase().replaceAll('-', '_')}`;

/** Gives a ready video captions in a language, replacing those that it has in it. They are parsed and written anew as plain WebVTT. */
export async function putCaptions(ctx: CaptionContext, input: { id: string; language: string; text: string; label?: string | undefined }): Promise<Media> {
  // First: another owner's media do not exist for the caller, whatever the body.
  const row = await readOwn(ctx, input.id);
  const bytes = Buffer.from(readCaptions(input.text));
  const collection = collectionNamed(ctx.site.collections, row.collection);
  const store = ctx.site.stores.active('final');
  const role = captionsRole(input.language);
  const key = artifactKey(collection.keyPrefix, row.owner_id, row.id, randomBytes(6).toString('hex'), role, 'vtt');
  const id = newObjectId();
  const reservation = { provider: store.provider, location: store.location, key, id, role, leaseUntil: secondsFrom(ctx.site.clock.now(), leaseSeconds) };
  await reserveObjects(ctx.site.db, [reservation]);
  try {
    const stored = await store.put(key, bytes, { contentType: 'text/vtt', bytes: bytes.length, signal: ctx.signal });
    return await change(ctx, input.id, role, async (tx, current) => {
      const languages = new Set(current.artifacts.flatMap(([name]) => (name.startsWith('captions_') ? [name] : [])));
      if (languages.size >= mostLanguages && !languages.has(role))
        throw new SafelightError(
          'conflict',
          `This video has captions in ${languages.size} languages; at most ${mostLanguages} are allowed. Delete some first.`,
        );
      const layout = { language: input.language, label: input.label ?? null };
      await bindArtifacts(tx, current.id, [
        { id, token: newOpaqueToken(), bytes: stored.bytes, sha256: stored.sha256, mimeType: 'text/vtt', width: null, height: null, layout },
      ]);
    });
  } catch (error) {
    // If the captions were bound, the object stays.
    await discardWritten(ctx, [reservation]);
    throw error;
  }
}

/** Removes the captions in a language; a video without any stays as it is. */
export async function deleteCaptions(ctx: CaptionContext, { id, language }: { id: string; language: string }): Promise<Media> {
  return await change(ctx, id, captionsRole(language), null);
}

async function readOwn(ctx: CaptionContext, id: string): Promise<MediaRow> {
  return await transact(ctx.site.db, async (tx) => requireVideo(requireOwn(ctx.actor, await readRow(tx, id), ctx.site.collections)));
}

function requireVideo(row: MediaRow): MediaRow {
  if (row.deleted_at !== null) throw new SafelightError('gone', 'This media was deleted. Restore it first.');
  if (!kindRules[row.kind].captioned) throw new SafelightError('conflict', `Only videos have captions; this is of the kind ${row.kind}.`);
  if (row.status !== 'ready') throw new SafelightError('conflict', `This video is ${row.status}. Send captions when it is ready.`);
  return row;
}

/** One transaction: removes the old captions in this language and adds those that `add` creates. If there are neither, nothing changes. */
async function change(ctx: CaptionContext, id: string, role: string, add: ((tx: Tx, row: MediaRow) => Promise<void>) | null): Promise<Media> {
  const { media, going } = await transact(ctx.site.db, async (tx) => {
    const row = requireVideo(requireOwn(ctx.actor, await lockMedia(tx, id), ctx.site.collections));
    const old = await tx.selectFrom('object').select(['id', 'token']).where('asset_id', '=', id).where('role', '=', role).execute();
    const ids = old.map((object) => object.id);
    if (ids.length > 0) await releaseObjects(tx, ids);
    if (ids.length === 0 && add === null) return { media: renderMedia(row, ctx.site.urls, 'own'), going: ids };
    await add?.(tx, row);
    await tx
      .updateTable('asset')
      .set((eb) => ({ version: eb('version', '+', 1), updated_at: ctx.site.clock.now() }))
      .where('id', '=', id)
      .execute();
    const after = await readRow(tx, id);
    if (after === undefined) throw notFound('media');
    if (row.published) await enqueueCdnPurge(ctx, tx, [{ owner_id: row.owner_id, artifacts: row.artifacts.filter(([name]) => name === role) }]);
    return { media: renderMedia(after, ctx.site.urls, 'own'), going: ids };
  });
  await discardObjects(ctx, going);
  return media;
}
