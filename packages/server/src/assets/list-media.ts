import type { Media, mediaListQuerySchema } from '@safelight/contract/media';
import { sql } from 'kysely';
import type { z } from 'zod';

import { encodeCursor, idOfCursor } from '../lib/cursor.ts';
import { SafelightError } from '../lib/errors.ts';
import { collectionNamed, type CollectionConfig } from '../policy/collection.ts';
import { ownerPrefix } from '../storage/object-key.ts';
import { isOwn } from '../delivery/may-read.ts';
import type { Actor } from '../lib/context.ts';
import { withinReach } from '../lib/reach.ts';
import { viewOf } from './access.ts';
import { selectMedia } from './media-row.ts';
import type { AssetContext } from './read-media.ts';
import { renderMedia } from './render-media.ts';

export type MediaListQuery = z.output<typeof mediaListQuerySchema>;

/**
 * The library, newest first. Without an entity it is the caller's own (everybody's for `media:manage`); with one, what is
 * published there besides. Collections with a key prefix of their own are only listed when they are asked for by name.
 */
export async function listMedia(ctx: AssetContext, query: MediaListQuery): Promise<{ media: Media[]; nextCursor: string | null }> {
  const { actor, collections } = ctx;
  const listed =
    query.collection === undefined
      ? [...collections.values()].filter((collection) => collection.keyPrefix === 'media')
      : [collectionNamed(collections, query.collection)];
  let select = selectMedia(ctx.db)
    .where('asset.deleted_at', 'is', null)
    .where(withinReach(actor, 'asset'))
    .where(
      'asset.collection',
      'in',
      listed.map(({ name }) => name),
    )
    .orderBy('asset.id', 'desc')
    .limit(query.limit + 1);
  const entity = query.entity === undefined ? null : parseEntity(query.entity);
  if (entity !== null) select = select.where('asset.entity_type', '=', entity.type).where('asset.entity_id', '=', entity.id);
  if (query.kind !== undefined) select = select.where('asset.kind', '=', query.kind);
  if (query.purpose !== undefined) select = select.where('asset.purpose', '=', query.purpose);
  if (query.status !== undefined) select = select.where('asset.status', '=', query.status);
  if (query.prefix !== undefined) select = select.where(belowAny(prefixesOf(query.prefix, actor, listed)));
  if (query.cursor !== undefined) select = select.where('asset.id', '<', idOfCursor(query.cursor));
  const readsAllHere = entity !== null && isOwn(actor, { owner_id: '', entity_type: entity.type, entity_id: entity.id });
  if (!actor.scopes.has('media:manage') && !readsAllHere) {
    const open = listed.filter(({ visibility }) => visibility === 'public').map(({ name }) => name);
    select = select.where((eb) =>
      entity === null || open.length === 0
        ? eb('asset.owner_id', '=', actor.id)
        : eb.or([
            eb('asset.owner_id', '=', actor.id),
            eb.and([
              eb('asset.collection', 'in', open),
              eb.exists(eb.selectFrom('published_asset').select('published_asset.id').whereRef('published_asset.id', '=', 'asset.id')),
            ]),
          ]),
    );
  }
  const rows = await select.execute();
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  return {
    media: page.map((row) => renderMedia(row, ctx.urls, viewOf(actor, row))),
    nextCursor: rows.length > query.limit && last !== undefined ? encodeCursor(last.id) : null,
  };
}

/** `type/id`; the id may hold slashes of its own. */
export function parseEntity(text: string): { type: string; id: string } {
  const slash = text.indexOf('/');
  if (slash <= 0 || slash === text.length - 1) {
    throw new SafelightError('invalid_request', `An entity is written type/id, for example listing/9f3; this is "${text}".`, {
      errors: [{ field: 'entity', message: 'type/id' }],
    });
  }
  return { type: text.slice(0, slash), id: text.slice(slash + 1) };
}

/** As it is where it begins with the key prefix of a collection; otherwise it is relative to the caller's own folders. */
function prefixesOf(prefix: string, actor: Actor, listed: readonly Pick<CollectionConfig, 'keyPrefix'>[]): string[] {
  const starts = [...new Set(listed.map(({ keyPrefix }) => keyPrefix))];
  if (starts.some((start) => prefix === start || prefix.startsWith(`${start}/`))) return [prefix];
  return starts.map((start) => ownerPrefix(start, actor.id) + prefix);
}

/** A prefix names whole path segments: it ends at a separator, given or not, so `images` never swallows `images2`. */
function belowAny(prefixes: readonly string[]) {
  const folders = prefixes.map((prefix) => (prefix.endsWith('/') ? prefix : `${prefix}/`));
  return sql<boolean>`exists (select 1 from object, unnest(${folders}::text[]) as folder where object.asset_id = asset.id
    and (starts_with(object.key, folder) or object.key = any(${[...prefixes]}::text[])))`;
}
