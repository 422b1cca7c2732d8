import { sql } from '#kysely';
import type { Selectable } from '#kysely';

import type { Db, Tx } from '../lib/context.ts';
import type { AssetTable } from '../lib/schema.ts';

/** One artifact as the read model needs it, in the order of `artifactsOf`: with the names of columns, most of what Postgres answers would be names. */
export type ArtifactRow = readonly [
  role: string,
  token: string | null,
  bytes: number | null,
  mimeType: string | null,
  width: number | null,
  height: number | null,
  /** Of the upload and of what was made in its place only: it is the path of the media. */
  key: string | null,
  /** For storyboards and captions only: the parts of a stream are many, and no record lists them. */
  layout: unknown,
];

export const keyOf = (artifacts: readonly ArtifactRow[], role: string): string | null => artifacts.find(([name]) => name === role)?.[6] ?? null;

/** An asset with its artifacts, and whether it is published: everything that a record is rendered from. */
export type MediaRow = Selectable<AssetTable> & { published: boolean; artifacts: ArtifactRow[] };

/** Whether followers and caches may believe that it is shown: it is, or the gate has closed and nobody has been told yet. */
export const seemsShown = ({ published, gate_turn, replaces }: MediaRow): boolean => published || (gate_turn === 'closed' && replaces === null);

/** A scalar subquery, because Postgres may evaluate EXISTS by hashing everything that is published. */
const isPublished = sql<boolean>`coalesce(
  (select true from published_asset where published_asset.id = asset.id), false)`.as('published');

const artifactsOf = sql<ArtifactRow[]>`(
  select coalesce(json_agg(json_build_array(
      role, token, bytes, mime_type, width, height,
      case when role in ('source', 'canonical') then key end,
      case when role = 'storyboard' or role like 'captions%' then layout end
    ) order by width, role), '[]')
  from object where object.asset_id = asset.id)`.as('artifacts');

/**
 * The one query that reads media records, in one round trip; callers add conditions and the order. Its subqueries are text, because every request for
 * records builds it anew.
 */
export const selectMedia = (db: Db | Tx) => db.selectFrom('asset').selectAll('asset').select([isPublished, artifactsOf]);

/** One record with its artifacts, as this transaction sees it. */
export const readRow = (tx: Tx, id: string): Promise<MediaRow | undefined> => selectMedia(tx).where('asset.id', '=', id).executeTakeFirst();
