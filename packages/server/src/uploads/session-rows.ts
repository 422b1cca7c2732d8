import { sql, type Insertable, type RawBuilder, type Selectable } from '#kysely';

import type { Db, Tx } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import type { Database, ObjectTable, UploadProtocol, UploadSessionTable } from '../lib/schema.ts';
import type { Locator } from '../storage/locator.ts';
import type { Append, Store } from '../storage/store.ts';
import { allowedBy } from '../policy/read-allowance.ts';
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
  /** The provider's id of an upload in parts that is open there already. */
  providerUploadId?: string;
  /** Set for resumable uploads. */
  resumable?: Pick<UploadSession, 'metadata' | 'concat' | 'concat_of' | 'provider_upload_id'>;
};

/** The ledger row of an upload's object, before its first byte. */
export const objectRowOf = (session: NewSession) =>
  ({
    id: session.objectId,
    ...session.locator,
    state: 'writing',
    role: 'source',
    mime_type: session.contentType,
    lease_until: session.leaseUntil,
    multipart: session.partBytes !== undefined,
    writable_until: session.isWritableByUrl === true ? session.leaseUntil : null,
  }) satisfies Insertable<ObjectTable>;

export const sessionRowOf = ({ plan, ...session }: NewSession) =>
  ({
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
    provider_upload_id: session.providerUploadId ?? session.resumable?.provider_upload_id ?? null,
  }) satisfies Insertable<UploadSessionTable>;

/**
 * Inserts the session and, unless it is there already (`isReserved`), the ledger row of its object in one statement, before the first byte. If the
 * plan uses remembered rules, the same statement checks that they still hold; if they do not, it throws `conflict` and writes nothing.
 */
export async function insertSession(db: Db | Tx, session: NewSession, isReserved = false): Promise<UploadSession> {
  const { remembered } = session.plan;
  const { rows } = await sql<UploadSession>`
    with allowed as (${remembered === undefined ? sql`select` : allowedBy(remembered)})${
      isReserved
        ? sql``
        : sql`,
      reserved as (${insertedFrom('object', objectRowOf(session), 'allowed')})`
    }
    ${insertedFrom('upload_session', sessionRowOf(session), 'allowed')} returning *`.execute(db);
  const [opened] = rows;
  if (opened === undefined) throw rulesChanged();
  return opened;
}

export const rulesChanged = (): SafelightError =>
  new SafelightError('conflict', 'The rules of the collection were changed at this moment. Send the upload again.');

const insertedFrom = (table: keyof Database, row: Record<string, unknown>, source: string) => sql`
  insert into ${sql.table(table)} (${sql.join(Object.keys(row).map((name) => sql.ref(name)))})
  select ${sql.join(Object.values(row))} from ${sql.table(source)}`;

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
