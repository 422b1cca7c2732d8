import type { TrayMedia } from '@safelight/contract/collections';
import type { Media } from '@safelight/contract/media';
import type { MediaRules } from '@safelight/contract/media-rules';
import { createHash } from 'node:crypto';

import { kindRules } from '../assets/kind-rules.ts';
import type { AssetSite } from '../assets/read-media.ts';
import type { Context } from '../lib/context.ts';
import { mayReadRecord, viewOf } from '../assets/access.ts';
import { selectMedia, type MediaRow } from '../assets/media-row.ts';
import { renderMedia } from '../assets/render-media.ts';
import { notFound } from '../lib/errors.ts';
import { collectionNamed, type CollectionConfig } from '../policy/collection.ts';
import { readOpenUploads, renderUploading } from './read-open-uploads.ts';
import type { UploadSession } from '../uploads/session-rows.ts';
import { readMediaRules, type RulesSite } from '../policy/read-media-rules.ts';

export type EntityMedia = { media: Media[]; tray: TrayMedia[]; rules: MediaRules; profileImageURL: string | null; etag: string };
export type EntitySite = AssetSite & RulesSite;
export type EntityContext = Context<EntitySite>;

/**
 * The media of an entity in order: everybody gets the published ones; callers who may act on the entity also get the tray. Collections are never
 * mixed: without a name, the one declared first for this type of entity is meant.
 */
export async function readEntityMedia(ctx: EntityContext, input: { type: string; id: string; collection?: string | undefined }): Promise<EntityMedia> {
  const collection = entityCollection(ctx, input.type, input.collection);
  const rows = await selectMedia(ctx.site.db)
    .where('asset.entity_type', '=', input.type)
    .where('asset.entity_id', '=', input.id)
    .where('asset.collection', '=', collection.name)
    .where('asset.deleted_at', 'is', null)
    .orderBy('asset.sort_order')
    .orderBy('asset.id')
    .execute();
  const [rules] = await readMediaRules(ctx, { collection: collection.name });
  if (rules === undefined) throw notFound('collection');
  const readable = rows.filter((row) => mayReadRecord(ctx.actor, row, ctx.site.collections) !== 'no');
  const published = readable.filter((row) => row.published);
  const tray = readable.filter((row) => !row.published);
  const uploads = await readOpenUploads(ctx, { ...input, collection });
  const last = Math.max(-1, ...rows.map((row) => row.sort_order));
  const media = published.map((row) => renderMedia(row, ctx.site.urls, viewOf(ctx.actor, row)));
  const waiting = tray.map((row) => renderMedia(row, ctx.site.urls, 'own'));
  const profile = media.find((item) => item.purpose === 'profile' && kindRules[item.kind].pictured);
  return {
    media,
    tray: [...waiting.map((item) => ({ ...item, upload: null })), ...uploads.map((session, index) => renderUploading(session, collection, last + 1 + index))],
    rules,
    profileImageURL: profile?.src ?? null,
    etag: etagOf([...published, ...tray], {
      rulesVersion: rules.version,
      uploads,
      signed: ctx.site.urls.areOpen(collection.name) ? waiting : [...media, ...waiting],
    }),
  };
}

type Seen = { rulesVersion: number; uploads: readonly UploadSession[]; signed: readonly Media[] };

/**
 * The tag has two halves: what people edit (which photos, order, purpose, alt text), and everything else that a reader sees (states, rules, and signed
 * addresses, which expire). A cache compares both. Only another edit can conflict with an edit, so a sync compares the first half, and a photo that
 * becomes ready invalidates no form.
 */
function etagOf(rows: readonly MediaRow[], { rulesVersion, uploads, signed }: Seen): string {
  const edited = rows.map((row) => [row.id, row.sort_order, row.purpose, row.alt_text, row.replaces]).toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1));
  const seen = rows.map((row) => [row.id, row.version, row.status, row.published]);
  const addresses = signed.map(({ src, hlsSrc }) => [src, hlsSrc]);
  const coming = uploads.map((upload) => [upload.id, upload.received_bytes]);
  return `"${digest(edited)}.${digest([rulesVersion, seen, coming, addresses])}"`;
}

const digest = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('base64url').slice(0, 22);

/** The named collection of this type of entity, or the first one declared for it. */
export function entityCollection(ctx: { site: Pick<AssetSite, 'collections'> }, type: string, name?: string): CollectionConfig {
  const found =
    name === undefined ? [...ctx.site.collections.values()].find(({ entityType }) => entityType === type) : collectionNamed(ctx.site.collections, name);
  if (found === undefined || found.entityType !== type) throw notFound(`collection of ${type}`);
  return found;
}
