import { sql, type Insertable, type RawBuilder, type Selectable } from '#kysely';

import type { MediaRow } from '../assets/media-row.ts';
import type { Db, Tx } from '../lib/context.ts';
import { enqueuedWith } from '../jobs/enqueue.ts';
import type { NewJob } from '../jobs/new-job.ts';
import { SafelightError } from '../lib/errors.ts';
import type { JobId } from '../lib/ids.ts';
import type { AssetTable, Database, Kind, ObjectTable, UploadProtocol, UploadSessionTable } from '../lib/schema.ts';
import type { Locator } from '../storage/locator.ts';
import type { Append, Store } from '../storage/store.ts';
import { lockPlace } from '../places/lock-place.ts';
import { foreignAt, isForeign, requireRoom } from '../policy/read-allowance.ts';
import type { UploadPlan } from './plan-upload.ts';

export type UploadSession = Selectable<UploadSessionTable>;

export type NewSession = {
  id: string;
  assetId: string;
  objectId: string;
  protocol: UploadProtocol;
  ownerId: string;
  plan: UploadPlan;
  fileName: string;
  contentType: string | null;
  declaredBytes: number | null;
  declaredSha256: string | null;
  locator: Locator;
  /** The size of each part but the last, when the bytes come in parts; `any` leaves it to the client. */
  partBytes?: number | 'any';
  expiresAt: Date;
  /** Until when the sweeper leaves the object alone. */
  leaseUntil: Date;
  /** Whether the provider itself accepts PUTs to this upload's URLs, which nobody can revoke. */
  isWritableByUrl?: boolean;
  /** Set when no quota applies: for a manager of the site. */
  isUnbound?: boolean;
  /** Set for resumable uploads. */
  resumable?: Pick<UploadSession, 'metadata' | 'concat' | 'concat_of' | 'provider_upload_id'>;
};

/**
 * Inserts the session and the ledger row of its object in one statement, before the first byte. If the plan uses remembered rules, the same statement
 * checks that they still hold; if they do not, it throws `conflict` and writes nothing.
 */
export async function insertSession(db: Db | Tx, session: NewSession): Promise<UploadSession> {
  const { plan, locator } = session;
  const object = {
    id: session.objectId,
    ...locator,
    state: 'writing',
    role: 'source',
    mime_type: session.contentType,
    lease_until: session.leaseUntil,
    multipart: session.partBytes !== undefined,
    writable_until: session.isWritableByUrl === true ? session.leaseUntil : null,
  } satisfies Insertable<ObjectTable>;
  const row = {
    id: session.id,
    protocol: session.protocol,
    state: 'open',
    owner_id: session.ownerId,
    collection: plan.collection.name,
    entity_type: plan.entity?.type ?? null,
    entity_id: plan.entity?.id ?? null,
    purpose: plan.purpose,
    alt_text: plan.altText,
    sort_order: plan.sortOrder,
    replaces: plan.replaces,
    needs_own_entity: plan.needsOwnEntity,
    bound_by_quota: session.isUnbound !== true,
    file_name: session.fileName,
    content_type: session.contentType,
    declared_bytes: session.declaredBytes,
    declared_sha256: session.declaredSha256,
    asset_id: session.assetId,
    object_id: session.objectId,
    part_bytes: typeof session.partBytes === 'number' ? session.partBytes : null,
    expires_at: session.expiresAt,
    metadata: session.resumable?.metadata ?? null,
    concat: session.resumable?.concat ?? null,
    concat_of: session.resumable?.concat_of ?? null,
    provider_upload_id: session.resumable?.provider_upload_id ?? null,
  } satisfies Insertable<UploadSessionTable>;
  const { rows } = await sql<UploadSession>`
    with allowed as (${plan.allowed ?? sql`select`}), reserved as (${insertedFrom('object', object, 'allowed')})
    ${insertedFrom('upload_session', row, 'allowed')} returning *`.execute(db);
  const [opened] = rows;
  if (opened === undefined) throw new SafelightError('conflict', 'The rules of the collection were changed at this moment. Send the upload again.');
  return opened;
}

const insertedFrom = (table: keyof Database, row: Record<string, unknown>, source: string) => sql`
  insert into ${sql.table(table)} (${sql.join(Object.keys(row).map((name) => sql.ref(name)))})
  select ${sql.join(Object.values(row))} from ${sql.table(source)}`;

export type Registration = {
  session: Pick<
    UploadSession,
    'id' | 'asset_id' | 'owner_id' | 'collection' | 'entity_type' | 'entity_id' | 'purpose' | 'alt_text' | 'sort_order' | 'file_name' | 'replaces'
  >;
  sessionState: 'finalizing' | 'complete';
  /** The job that follows; queued by the same statement. */
  job?: NewJob & { id: JobId; singletonKey?: never };
  kind: Kind;
  mimeType: string;
  source: { objectId: string; key: string; bytes: number; sha256: string | null; crc32?: number | null | undefined };
};

/** The session as planned, for callers that did not read its row. */
export const plannedSession = (
  plan: UploadPlan,
  { id, assetId, ownerId, fileName }: Pick<NewSession, 'id' | 'assetId' | 'ownerId' | 'fileName'>,
): Registration['session'] => ({
  id,
  asset_id: assetId,
  owner_id: ownerId,
  collection: plan.collection.name,
  entity_type: plan.entity?.type ?? null,
  entity_id: plan.entity?.id ?? null,
  purpose: plan.purpose,
  alt_text: plan.altText,
  sort_order: plan.sortOrder,
  file_name: fileName,
  replaces: null,
});

/**
 * Turns durable bytes into an asset: session, ledger and asset row change together in one statement. Returns null, with nothing changed, when the
 * session had already moved on (a repeated call, or an abort meanwhile). Throws `collection_full` or `forbidden` for changes at the place since the
 * upload was opened.
 */
export async function registerAsset(tx: Tx, registration: Registration): Promise<MediaRow | null> {
  const { session, source, job } = registration;
  // Without the lock, two concurrent registrations would get the same position.
  await lockPlace(tx, session);
  const { rows } = await sql<Selectable<AssetTable> & { items: number; maxItems: number | null; foreign: boolean }>`
    with session as (
      update upload_session
      set state = ${registration.sessionState}, received_bytes = ${source.bytes}, updated_at = now(),
        job_id = coalesce(${job?.id ?? null}::uuid, job_id)
      where id = ${session.id} and state = 'open' returning id, needs_own_entity
    ), bound as (
      update object set state = 'stored', lease_until = null, asset_id = ${session.asset_id}, bytes = ${source.bytes},
        sha256 = coalesce(${source.sha256}, sha256), crc32 = coalesce(${source.crc32 ?? null}, crc32),
        mime_type = ${registration.mimeType}
      where id = ${source.objectId} and state = 'writing' and exists (select 1 from session) returning id
    )${job === undefined ? sql`` : sql`, queued as (${enqueuedWith(tx, job, sql`exists (select 1 from bound)`)})`}
    insert into asset (id, collection, entity_type, entity_id, owner_id, kind, purpose, status, original_file_name,
      mime_type, byte_size, alt_text, sort_order, source_object_id, replaces)
    select ${session.asset_id}::uuid, ${session.collection}, ${session.entity_type}, ${session.entity_id},
      ${session.owner_id}, ${registration.kind}, ${session.purpose}, 'pending',
      ${session.file_name}, ${registration.mimeType}, ${source.bytes}::bigint, ${session.alt_text},
      coalesce(${session.sort_order}::int, (${nextSortOrder(session)})), bound.id, ${session.replaces}::uuid
    from bound
    returning *, ${roomAtPlace(session)}, ${foreignAtEntity(session)}`.execute(tx);
  const [registered] = rows;
  if (registered === undefined) return null;
  const { items, maxItems, foreign, ...row } = registered;
  if (foreign && session.replaces === null && session.entity_type !== null && session.entity_id !== null) {
    throw isForeign({ type: session.entity_type, id: session.entity_id });
  }
  // A replacement needs no room of its own.
  if (session.replaces === null && session.entity_type !== null) requireRoom({ items, rules: { maxItems } });
  return {
    ...row,
    published: false,
    artifacts: [{ role: 'source', token: null, key: source.key, bytes: source.bytes, mime_type: registration.mimeType, width: null, height: null }],
  };
}

/** The number of items at the place and the limit. Registrations that each saw the last free slot run here one after the other. */
const roomAtPlace = ({ collection, entity_type, entity_id }: Registration['session']) => sql`
  (select (count(*) filter (where collection = ${collection} and deleted_at is null and replaces is null))::int
    from asset
    where entity_type = ${entity_type} and entity_id = ${entity_id}) as items,
  (select (rules ->> 'maxItems')::int from policy where collection = ${collection}) as "maxItems"`;

/** Whether the entity now belongs to somebody else, for sessions that require their own entity. */
const foreignAtEntity = ({ entity_type, entity_id, owner_id }: Registration['session']) => sql`
  (select needs_own_entity from session) and (${
    entity_type === null || entity_id === null ? sql`false` : foreignAt({ type: entity_type, id: entity_id }, owner_id)
  }) as foreign`;

/** The position after the last: of the entity, or of the owner where the collection has no entities. */
const nextSortOrder = (session: Pick<UploadSession, 'collection' | 'entity_type' | 'entity_id' | 'owner_id'>) => sql`
  select coalesce(max(sort_order) + 1, 0) from asset
  where collection = ${session.collection} and ${
    session.entity_type === null
      ? sql`owner_id = ${session.owner_id} and entity_type is null`
      : sql`entity_type = ${session.entity_type} and entity_id = ${session.entity_id}`
  }`;

/** A session with what is needed next: its object, and the current size limit of its collection. */
export type FoundSession = UploadSession & { object: SessionObject | null; most_bytes: number | null };

export async function findSessions(db: Db, where: RawBuilder<unknown>): Promise<FoundSession[]> {
  const { rows } = await sql<FoundSession>`
    select upload_session.*, (policy.rules ->> 'maxBytes')::bigint as most_bytes,
      case when object.id is not null then jsonb_build_object('id', object.id, 'provider', object.provider,
        'location', object.location, 'key', object.key, 'bytes', object.bytes, 'sha256', object.sha256,
        'crc32', object.crc32, 'state', object.state) end as object
    from upload_session left join object on object.id = upload_session.object_id
    left join policy on policy.collection = upload_session.collection
    where ${where}`.execute(db);
  return rows;
}

export async function readSession(db: Db | Tx, id: string): Promise<UploadSession | undefined> {
  return await db.selectFrom('upload_session').selectAll().where('id', '=', id).executeTakeFirst();
}

/** All objects that a failed session leaves in storage. */
export const sessionObjects = (session: Pick<UploadSession, 'object_id' | 'tail_object_id'>): string[] =>
  [session.object_id, session.tail_object_id].filter((id) => id !== null);

export type SessionObject = {
  id: string;
  provider: string;
  location: string;
  key: string;
  bytes: number | null;
  sha256: string | null;
  crc32: number | null;
  state: string;
};

export async function readSessionObject(db: Db | Tx, objectId: string): Promise<SessionObject | undefined> {
  return await db
    .selectFrom('object')
    .select(['id', 'provider', 'location', 'key', 'bytes', 'sha256', 'crc32', 'state'])
    .where('id', '=', objectId)
    .executeTakeFirst();
}

/** Whether this upload appends to one file, rather than using parts of an agreed size. */
export const isAppended = (store: Store, session: Pick<UploadSession, 'part_bytes'>): store is Store & { append: Append } =>
  store.append !== undefined && session.part_bytes === null;
