import { kinds } from '@safelight/contract/kinds';
import { statuses, type Media, type mediaListQuerySchema } from '@safelight/contract/media';
import { sql, type RawBuilder } from '#kysely';
import type { z } from 'zod';

import { SafelightError } from '../lib/errors.ts';
import { collectionNamed, type CollectionConfig } from '../policy/collection.ts';
import { ownerPrefix } from '../storage/object-key.ts';
import { isOwn } from '../delivery/may-read.ts';
import type { Actor, Db } from '../lib/context.ts';
import { firstIdOf } from '../lib/first-id-of.ts';
import { withinReach } from '../lib/reach.ts';
import { viewOf } from './access.ts';
import { failureCode } from './failure-code.ts';
import { belowPrefix } from './below-prefix.ts';
import { mediaOrders } from './media-order.ts';
import { selectMedia } from './media-row.ts';
import type { AssetContext } from './read-media.ts';
import { renderMedia } from './render-media.ts';
import { searchWords } from './search-words.ts';

export type MediaListQuery = z.output<typeof mediaListQuerySchema>;

/**
 * The library, newest first or in the requested order. Without an entity it lists the caller's own media (everybody's for `media:manage`); with one,
 * also what is published there. Collections with a key prefix of their own are listed only by name.
 */
export async function listMedia(ctx: AssetContext, query: MediaListQuery): Promise<{ media: Media[]; nextCursor: string | null }> {
  const { actor } = ctx;
  const { collections } = ctx.site;
  const listed =
    query.collection === undefined
      ? [...collections.values()].filter((collection) => collection.keyPrefix === 'media')
      : [collectionNamed(collections, query.collection)];
  const entity = query.entity === undefined ? null : parseEntity(query.entity);
  const below = query.prefix === undefined ? undefined : await belowPrefix(ctx.site.db, prefixesOf(query.prefix, actor, listed));
  if (below === null) return { media: [], nextCursor: null };
  const order = mediaOrders[query.sort ?? 'newest'];
  const isPlain = isPlainPage(query);
  let ids = selectIds(ctx.site.db)
    .where(withinReach(actor, 'asset'))
    .limit(isPlain ? mostOfPlain(query.limit) : query.limit + 1);
  ids =
    query.deleted === undefined
      ? ids.where('asset.deleted_at', 'is', null)
      : ids.where('asset.deleted_at', 'is not', null).where('asset.undo_until', '>', ctx.site.clock.now());
  const words = query.q === undefined ? null : searchWords(query.q);
  if (words !== null) ids = ids.where(words);
  if (entity !== null) ids = ids.where('asset.entity_type', '=', entity.type).where('asset.entity_id', '=', entity.id);
  if (query.purpose !== undefined) ids = ids.where('asset.purpose', '=', query.purpose);
  if (query.failure !== undefined) ids = ids.where('asset.status', '=', 'failed').where(failureCode, '=', query.failure);
  if (query.published !== undefined || query.publishedAfter !== undefined) ids = ids.where(isPublished);
  if (below !== undefined) ids = ids.where(below);
  if (query.cursor !== undefined) ids = ids.where(order.after(query.cursor));
  const readsAllHere = entity !== null && isOwn(actor, { owner_id: '', entity_type: entity.type, entity_id: entity.id });
  if (isPlain && !actor.scopes.has('media:manage')) {
    ids = ids.where(sql<boolean>`asset.owner_id = any(array[${actor.id}]::text[])`).orderBy('asset.owner_id');
  } else if (!actor.scopes.has('media:manage') && !readsAllHere) {
    const open = listed.filter(({ visibility }) => visibility === 'public').map(({ name }) => name);
    ids = ids.where((eb) =>
      entity === null || open.length === 0
        ? eb('asset.owner_id', '=', actor.id)
        : eb.or([eb('asset.owner_id', '=', actor.id), eb.and([eb('asset.collection', 'in', open), isPublished])]),
    );
  }
  ids = ids.orderBy(order.by);
  const rows = await selectMedia(ctx.site.db)
    .orderBy(order.by)
    .where(sql<boolean>`asset.id = any(array(${selected(within(ids, query), listed, query)}))`)
    .limit(query.limit + 1)
    .execute();
  const page = rows.slice(0, query.limit);
  const last = page.at(-1);
  return {
    media: page.map((row) => renderMedia(row, ctx.site.urls, viewOf(actor, row))),
    nextCursor: rows.length > query.limit && last !== undefined ? order.cursorOf(last) : null,
  };
}

/**
 * A page of all there is, newest first. One plan is good for every owner, because only the index of owners has its order: with `owner_id = …`, ids alone
 * would be in that order too, and a plan made for an owner of half the library would walk all of it for an owner of nothing.
 */
const isPlainPage = ({ sort = 'newest', ...query }: MediaListQuery): boolean =>
  sort === 'newest' && Object.entries(query).every(([name, value]) => value === undefined || name === 'limit' || name === 'cursor');

/**
 * In the text, not a parameter: for an unknown limit Postgres expects a tenth of all rows, and in a large library planned the statement anew for each
 * page. Rounded up, so that the pages of all sizes are few texts; what is above the limit, the query around it leaves out.
 */
const mostOfPlain = (limit: number): RawBuilder<number> => sql.lit(Math.ceil((limit + 1) / 25) * 25);

/** `type/id`; the id may contain slashes. */
export function parseEntity(text: string): { type: string; id: string } {
  const slash = text.indexOf('/');
  if (slash <= 0 || slash === text.length - 1) {
    throw new SafelightError('invalid_request', `An entity is written type/id, for example listing/9f3; this is "${text}".`, {
      errors: [{ field: 'entity', message: 'type/id' }],
    });
  }
  return { type: text.slice(0, slash), id: text.slice(slash + 1) };
}

/** Unchanged if it starts with a collection's key prefix; otherwise relative to the caller's own folders. */
function prefixesOf(prefix: string, actor: Actor, listed: readonly Pick<CollectionConfig, 'keyPrefix'>[]): string[] {
  const starts = [...new Set(listed.map(({ keyPrefix }) => keyPrefix))];
  if (starts.some((start) => prefix === start || prefix.startsWith(`${start}/`))) return [prefix];
  return starts.map((start) => ownerPrefix(start, actor.id) + prefix);
}

const isPublished = sql<boolean>`exists (select from published_asset where published_asset.id = asset.id)`;

const selectIds = (db: Db) => db.selectFrom('asset').select('asset.id');
type Ids = ReturnType<typeof selectIds>;

/** The ids of a page, by the query that reads the fewest rows. */
function selected(ids: Ids, listed: readonly Pick<CollectionConfig, 'name'>[], query: MediaListQuery): RawBuilder<unknown> {
  const { q, sort = 'newest', deleted, entity, kind, collection, publishedAfter } = query;
  const status = statusOf(query);
  const isNarrowed = kind !== undefined || status !== undefined || collection !== undefined;
  // What was published lately is found by its events.
  const isByOther = entity !== undefined || q !== undefined || publishedAfter !== undefined;
  if (!isByOther && isNarrowed && deleted === undefined && sort === 'newest') return inEach(ids, listed, query);
  const named = listed.map(({ name }) => name);
  let narrowed = ids.where('asset.collection', 'in', named);
  if (kind !== undefined) narrowed = narrowed.where('asset.kind', '=', kind);
  if (status !== undefined) narrowed = narrowed.where('asset.status', '=', status);
  return sql`${narrowed}`;
}

/** Only failed assets have a failure code, and only ready ones are published. */
const statusOf = ({ status, failure, published, publishedAfter }: MediaListQuery): Media['status'] | undefined =>
  status ?? (failure !== undefined ? 'failed' : published !== undefined || publishedAfter !== undefined ? 'ready' : undefined);

const [firstId, lastId] = ['00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff'];

/** An id has the time of the process that made it, and a record that of the database: their clocks differ by less. */
const mostClockSkewMs = 3_600_000;

/** The ids of the records of a time are next to one another in every index that ends with the id. */
function idsOfTime({ createdAfter, createdBefore }: MediaListQuery): [string, string] {
  return [
    createdAfter === undefined ? firstId : firstIdOf(new Date(Date.parse(createdAfter) - mostClockSkewMs)),
    createdBefore === undefined ? lastId : firstIdOf(new Date(Date.parse(createdBefore) + mostClockSkewMs)),
  ];
}

function within(ids: Ids, query: MediaListQuery): Ids {
  const { createdAfter, createdBefore, publishedAfter } = query;
  const [from, to] = idsOfTime(query);
  let found = ids;
  if (createdAfter !== undefined) found = found.where('asset.id', '>=', from).where('asset.created_at', '>=', new Date(createdAfter));
  if (createdBefore !== undefined) found = found.where('asset.id', '<', to).where('asset.created_at', '<', new Date(createdBefore));
  if (publishedAfter !== undefined) {
    found = found.where(sql<boolean>`asset.id in (
      select media_id from event where name = 'media_published' and at >= ${new Date(publishedAfter)})`);
  }
  return found;
}

/**
 * With a kind, a status or a collection, each combination of collection, kind and status is read separately: its newest rows are adjacent in an
 * index, or it is empty, which is seen at once. A scan of all of an owner's media would see that only at its end.
 */
function inEach(ids: Ids, listed: readonly Pick<CollectionConfig, 'name'>[], query: MediaListQuery): RawBuilder<unknown> {
  const names = listed.map(({ name }) => name);
  const status = statusOf(query);
  const [from, to] = idsOfTime(query);
  const ways = sql`
    select collection, kind, status
    from unnest(${names}::text[]) as collection,
      unnest(${query.kind === undefined ? kinds : [query.kind]}::text[]) as kind,
    unnest(${status === undefined ? statuses : [status]}::text[]) as status`;
  // One range in the order of the index: with three separate conditions, the planner would have to guess how many rows match.
  const inWay = sql<boolean>`(asset.collection, asset.kind, asset.status, asset.id) between (way.collection, way.kind, way.status, ${from}::uuid) and (way.collection, way.kind, way.status, ${to}::uuid)`;
  const each = ids
    .clearOrderBy()
    .where(inWay)
    .orderBy('asset.collection', 'desc')
    .orderBy('asset.kind', 'desc')
    .orderBy('asset.status', 'desc')
    .orderBy('asset.id', 'desc');
  if (query.published === undefined) return sql`select found.id from (${ways}) as way, lateral (${each}) as found`;
  return sql`with way as (
      select way.*, policy.photo_review_enabled and kind in ('image', 'video') as gated
      from (${ways}) as way join policy using (collection)
    )
    select found.id from way, lateral (${each}) as found where not gated
    union all
    select found.id from way, lateral (${approved(ids, query)}) as found
      where gated and way.status = 'ready'`;
}

/** Behind a gate, what may be shown is what was approved, which has an index of its own: the rest can be any number. */
function approved(ids: Ids, query: MediaListQuery): Ids {
  const [from, to] = idsOfTime(query);
  return ids
    .clearOrderBy()
    .where(sql<boolean>`asset.review = 'approved' and asset.status = 'ready' and asset.deleted_at is null`)
    .where(sql<boolean>`(asset.collection, asset.kind, asset.id) between (way.collection, way.kind, ${from}::uuid) and (way.collection, way.kind, ${to}::uuid)`)
    .orderBy('asset.collection', 'desc')
    .orderBy('asset.kind', 'desc')
    .orderBy('asset.id', 'desc');
}
