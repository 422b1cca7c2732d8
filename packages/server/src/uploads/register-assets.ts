import { sql, type Insertable, type Selectable } from '#kysely';

import type { MediaRow } from '../assets/media-row.ts';
import { enqueuedWith } from '../jobs/enqueue.ts';
import type { NewJob } from '../jobs/new-job.ts';
import type { Tx } from '../lib/context.ts';
import type { JobId } from '../lib/ids.ts';
import type { AssetTable, Kind, ObjectTable } from '../lib/schema.ts';
import { lockPlaces } from '../places/lock-place.ts';
import { placesOf, requirePlaces, seenAtPlace, type SeenAtPlace } from './places-of-arrivals.ts';
import type { UploadPlan } from './plan-upload.ts';
import { objectRowOf, rulesChanged, sessionRowOf, type NewSession, type UploadSession } from './session-rows.ts';

export type Registration = {
  session: Pick<
    UploadSession,
    'id' | 'asset_id' | 'owner_id' | 'collection' | 'entity_type' | 'entity_id' | 'purpose' | 'alt_text' | 'sort_order' | 'file_name' | 'replaces'
  >;
  /** Set for an upload whose session has no row yet: it is inserted now. */
  unopened?: NewSession | undefined;
  /** Set when no request has held the upload: it is registered only if that is so still and none of its bytes is recorded. */
  isUntouched?: boolean | undefined;
  /** Set when its object has no ledger row either: the row is inserted as stored, if the rules that the upload was planned with still hold. */
  isUnnamed?: boolean | undefined;
  sessionState: 'finalizing' | 'complete';
  /** The job that follows; queued by the same statement. */
  job?: RegisteredJob;
  kind: Kind;
  mimeType: string;
  source: { objectId: string; key: string; bytes: number; sha256: string | null; crc32?: number | null | undefined };
};
/** `traceparent`: the trace of its own request, for those that are registered with others. */
type RegisteredJob = NewJob & { id: JobId; singletonKey?: never; traceparent?: string | undefined };

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

type Registered = Selectable<AssetTable> & SeenAtPlace;

/**
 * Turns durable bytes into assets: session, ledger and asset rows change together in one statement. Several are all of one collection, either
 * all of entities or none, and those of one place stand there in the given order. An upload whose session had already moved on (a repeated call, or an abort meanwhile) gets null, and nothing is
 * changed for it. Throws `collection_full` or `forbidden` for changes at the place since the uploads were opened, and `conflict` where remembered
 * rules that nobody has checked yet do not hold any more.
 */
export async function registerAssets(tx: Tx, registrations: readonly Registration[]): Promise<(MediaRow | null)[]> {
  const [first] = registrations;
  if (first === undefined) return [];
  const { collection, entity_type: entityType } = first.session;
  // Without the locks, two concurrent registrations would get the same position.
  await lockPlaces(
    tx,
    registrations.map(({ session }) => session),
  );
  const jobs = registrations.flatMap(({ job }) => job ?? []);
  const queued = jobs.length === 0 ? sql`` : sql`, queued as (${enqueuedWith(tx, jobs, sql`"assetId" in (${boundAssets})`)})`;
  const { rows } = await sql<Registered>`
    with given as materialized (${givenRows(registrations)} where given.collection = ${collection}),
    place as materialized (${placesOf(entityType !== null)}),
    ${boundObjects(registrations)}, unopened as (${insertedSessions(registrations)})${queued}
    insert into asset (id, collection, entity_type, entity_id, owner_id, kind, purpose, status, original_file_name,
      mime_type, byte_size, alt_text, sort_order, source_object_id, replaces)
    select given."assetId", given.collection, given."entityType", given."entityId", given."ownerId",
      given.kind, given.purpose, 'pending', given."fileName", given."mimeType", given.bytes, given."altText",
      coalesce(given."sortOrder",
        place.next + row_number() over (partition by given.place order by given.index)::int - 1),
      bound.id, given.replaces
    from given join bound on bound.id = given."objectId" join place on place.place = given.place
    order by given.index
    returning *, ${seenAtPlace(collection)}`.execute(tx);
  requireRules(registrations, rows);
  requirePlaces(rows);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return registrations.map((registration) => {
    const row = byId.get(registration.session.asset_id);
    return row === undefined ? null : mediaRowOf(row, registration);
  });
}

/**
 * As one parameter, so that the statement is prepared once for any number of them. The states that their rows must have are columns too: as constants
 * they would let a plan that is made while the tables are small look for all open sessions and all unfinished objects, and keep doing so.
 */
const givenRows = (registrations: readonly Registration[]) => sql`
  select *, 'open' as open, 'writing' as writing
  from jsonb_to_recordset(${JSON.stringify(givenOf(registrations))}::jsonb) as given (
    index int, place int, "isFirst" boolean, collection text, "entityType" text, "entityId" text, "ownerId" text,
    "uploadId" uuid, "assetId" uuid, "objectId" uuid, "jobId" uuid, state text, kind text,
    "mimeType" text, bytes bigint, sha256 text, crc32 bigint, purpose text, "fileName" text, "altText" text,
    "sortOrder" int, replaces uuid, untouched boolean, session jsonb, object jsonb)`;

const boundAssets = sql`select given."assetId" from given join bound on bound.id = given."objectId"`;

/**
 * The objects that become sources, as `bound`: their rows were written before their bytes, or are inserted now; and the sessions that were open, as
 * `opened`.
 */
function boundObjects(registrations: readonly Registration[]) {
  const row = registrations.map(storedRowOf).find((stored) => stored !== undefined);
  if (row === undefined) return sql`${openedSessions}, bound as (${boundRows})`;
  const columns = sql.join(Object.keys(row).map((name) => sql.ref(name)));
  const inserted = sql`
    insert into object (${columns})
    select ${columns} from (
      select made.* from given, jsonb_populate_record(null::object, given.object) as made
      where given.object is not null
    ) as made
    returning id`;
  if (registrations.every(({ isUnnamed }) => isUnnamed === true)) return sql`${noSessions}, bound as (${inserted})`;
  return sql`
    ${openedSessions}, renewed as (${boundRows}), inserted as (${inserted}),
    bound as (select id from renewed union all select id from inserted)`;
}

const openedSessions = sql`
  opened as (
    update upload_session
    set state = given.state, received_bytes = given.bytes, updated_at = now(),
      job_id = coalesce(given."jobId", job_id)
    from given
    where upload_session.id = given."uploadId" and given.session is null and upload_session.state = given.open
      and (given.untouched is null or (upload_session.received_bytes = 0 and upload_session.lock_until is null))
    returning upload_session.id, upload_session.asset_id, needs_own_entity
  )`;

const noSessions = sql`opened as (select null::uuid as asset_id, false as needs_own_entity where false)`;

const boundRows = sql`
  update object set state = 'stored', lease_until = null, asset_id = given."assetId", bytes = given.bytes,
    sha256 = coalesce(given.sha256, object.sha256), crc32 = coalesce(given.crc32, object.crc32),
    mime_type = given."mimeType"
  from given
  where object.id = given."objectId" and object.state = given.writing
    and (given.session is not null or exists (select from opened where opened.id = given."uploadId"))
  returning object.id`;

/** The ledger row of bytes that have none; undefined for others. */
const storedRowOf = ({ isUnnamed, unopened, session, source, mimeType }: Registration): Insertable<ObjectTable> | undefined =>
  isUnnamed === true && unopened !== undefined
    ? {
        ...objectRowOf(unopened),
        state: 'stored',
        lease_until: null,
        asset_id: session.asset_id,
        bytes: source.bytes,
        sha256: source.sha256,
        crc32: source.crc32 ?? null,
        mime_type: mimeType,
      }
    : undefined;

function givenOf(registrations: readonly Registration[]) {
  const firstAt = new Map<string, number>();
  return registrations.map((registration, index) => {
    const { entity_type: type, entity_id: id, owner_id: ownerId } = registration.session;
    const name = JSON.stringify(type === null ? [ownerId] : [type, id]);
    const place = firstAt.get(name) ?? index;
    firstAt.set(name, place);
    return { index, place, isFirst: place === index, ...describedOf(registration), object: storedRowOf(registration) };
  });
}

const describedOf = ({ session, source, job, unopened, isUntouched, ...registration }: Registration) => ({
  collection: session.collection,
  entityType: session.entity_type,
  entityId: session.entity_id,
  ownerId: session.owner_id,
  uploadId: session.id,
  assetId: session.asset_id,
  objectId: source.objectId,
  jobId: job?.id,
  state: registration.sessionState,
  kind: registration.kind,
  mimeType: registration.mimeType,
  bytes: source.bytes,
  sha256: source.sha256,
  crc32: source.crc32,
  purpose: session.purpose,
  fileName: session.file_name,
  altText: session.alt_text,
  sortOrder: session.sort_order,
  replaces: session.replaces,
  ...(isUntouched === true && { untouched: true }),
  ...(unopened && { session: { ...sessionRowOf(unopened), state: registration.sessionState, received_bytes: source.bytes, job_id: job?.id ?? null } }),
});

/** The rows of sessions that were never open: their bytes were there as a whole before anything had to be told about them. */
function insertedSessions(registrations: readonly Registration[]) {
  const unopened = registrations.find((registration) => registration.unopened !== undefined)?.unopened;
  if (unopened === undefined) return sql`select null::uuid as asset_id, false as needs_own_entity where false`;
  const columns = sql.join([...Object.keys(sessionRowOf(unopened)), 'received_bytes', 'job_id'].map((name) => sql.ref(name)));
  return sql`
    insert into upload_session (${columns})
    select ${columns} from (
      select made.* from given, jsonb_populate_record(null::upload_session, given.session) as made
      where given.session is not null and given."objectId" in (select id from bound)
    ) as made
    returning asset_id, needs_own_entity`;
}

/** Checks that the rules are still those that uploads were planned with, where no statement that opens the upload has done so. */
function requireRules(registrations: readonly Registration[], rows: readonly Registered[]): void {
  const ruled = rows[0]?.ruled;
  const remembered = registrations.flatMap(({ isUnnamed, unopened }) => (isUnnamed === true ? (unopened?.plan.remembered ?? []) : []));
  if (ruled !== undefined && remembered.some((rules) => rules.ruled !== ruled)) throw rulesChanged();
}

function mediaRowOf(
  { place: _, items: __, maxItems: ___, ruled: ____, foreign: _____, needsOwn: ______, ...row }: Registered,
  { source, mimeType }: Registration,
): MediaRow {
  return {
    ...row,
    published: false,
    artifacts: [{ role: 'source', token: null, key: source.key, bytes: source.bytes, mime_type: mimeType, width: null, height: null }],
  };
}
