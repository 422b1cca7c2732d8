import { sql } from '#kysely';
import { jsonArrayFrom } from '#kysely/postgres';
import type { Selectable } from '#kysely';

import type { Db, Tx } from '../lib/context.ts';
import type { AssetTable } from '../lib/schema.ts';

/** One artifact as the read model needs it. */
export type ArtifactRow = {
  role: string;
  token: string | null;
  key: string;
  bytes: number | null;
  mime_type: string | null;
  width: number | null;
  height: number | null;
  /** For storyboards and captions only: the parts of a stream are many, and no record lists them. */
  layout?: unknown;
};

/** An asset with its artifacts, and whether it is published: everything that a record is rendered from. */
export type MediaRow = Selectable<AssetTable> & { published: boolean; artifacts: ArtifactRow[] };

/** Whether followers and caches may believe that it is shown: it is, or the gate has closed and nobody has been told yet. */
export const seemsShown = ({ published, gate_turn, replaces }: MediaRow): boolean => published || (gate_turn === 'closed' && replaces === null);

/** The one query that reads media records, in one round trip; callers add conditions and the order. */
export function selectMedia(db: Db | Tx) {
  return db
    .selectFrom('asset')
    .selectAll('asset')
    .select((eb) => [
      // A scalar subquery, because Postgres may evaluate EXISTS by hashing everything that is published.
      eb.fn
        .coalesce(
          eb
            .selectFrom('published_asset')
            .select(sql<boolean>`true`.as('is'))
            .whereRef('published_asset.id', '=', 'asset.id'),
          sql<boolean>`false`,
        )
        .$castTo<boolean>()
        .as('published'),
      jsonArrayFrom(
        eb
          .selectFrom('object')
          .select(['object.role', 'object.token', 'object.key', 'object.bytes', 'object.mime_type', 'object.width', 'object.height'])
          .select((inner) =>
            inner
              .case()
              .when(sql<boolean>`object.role = 'storyboard' or object.role like 'captions%'`)
              .then(inner.ref('object.layout'))
              .end()
              .as('layout'),
          )
          .whereRef('object.asset_id', '=', 'asset.id')
          .orderBy('object.width', 'asc')
          .orderBy('object.role', 'asc'),
      ).as('artifacts'),
    ]);
}

/** One record with its artifacts, as this transaction sees it. */
export const readRow = (tx: Tx, id: string): Promise<MediaRow | undefined> => selectMedia(tx).where('asset.id', '=', id).executeTakeFirst();
