import { sql, type Insertable, type RawBuilder, type Selectable } from '#kysely';

import { jobsToInsert } from '../jobs/enqueue.ts';
import { jobsInserted } from '../jobs/queue-rows.ts';
import type { Tx } from '../lib/context.ts';
import { keepText, type Given } from '../lib/keep-text.ts';
import type { AssetTable, ObjectTable } from '../lib/schema.ts';
import { placesOf, seenAtPlace, type SeenAtPlace } from './places-of-arrivals.ts';
import type { Registration } from './registration.ts';
import { objectRowOf, sessionRowOf } from './session-rows.ts';

export type InsertedAsset = Selectable<AssetTable> & SeenAtPlace;

/**
 * The one statement of `registerAssets`: writes sessions, ledger, jobs and assets, and tells what it has seen at the places before. Those whose session
 * or object had moved on are missing.
 */
export async function insertAssets(tx: Tx, registrations: readonly Registration[]): Promise<InsertedAsset[]> {
  const jobs = registrations.flatMap(({ job }) => job ?? []);
  const shape = shapeOf(registrations);
  const { rows } = await insert(tx, JSON.stringify(shape), (given) => assetsInserted(given, shape, registrations), {
    rows: JSON.stringify(givenOf(registrations)),
    collection: registrations[0]?.session.collection,
    jobs: jobs.length === 0 ? null : jobsToInsert(tx, jobs),
  });
  return rows;
}

type Value = 'rows' | 'collection' | 'jobs';
const insert = keepText<InsertedAsset, Value>();

/** What the text of the statement depends on. */
type Shape = { haveEntities: boolean; haveJobs: boolean; rows: 'written' | 'to write' | 'both'; haveSessionsToWrite: boolean };

function shapeOf(registrations: readonly Registration[]): Shape {
  const toWrite = registrations.filter((registration) => storedRowOf(registration) !== undefined).length;
  return {
    haveEntities: registrations.some(({ session }) => session.entity_type !== null),
    haveJobs: registrations.some(({ job }) => job !== undefined),
    rows: toWrite === 0 ? 'written' : toWrite === registrations.length ? 'to write' : 'both',
    haveSessionsToWrite: registrations.some(({ unopened }) => unopened !== undefined),
  };
}

function assetsInserted(given: Given<Value>, shape: Shape, registrations: readonly Registration[]) {
  const queued = shape.haveJobs ? sql`, queued as (${jobsInserted(given('jobs'), sql`"assetId" in (${boundAssets})`)})` : sql``;
  return sql<InsertedAsset>`
    with given as materialized (${givenRows(given('rows'))} where given.collection = ${given('collection')}),
    place as materialized (${placesOf(shape.haveEntities)}),
    ${boundObjects(shape, registrations)}, unopened as (${insertedSessions(registrations)})${queued}
    insert into asset (id, collection, entity_type, entity_id, owner_id, kind, purpose, status, original_file_name,
      mime_type, byte_size, alt_text, sort_order, source_object_id, replaces)
    select given."assetId", given.collection, given."entityType", given."entityId", given."ownerId",
      given.kind, given.purpose, 'pending', given."fileName", given."mimeType", given.bytes, given."altText",
      coalesce(given."sortOrder",
        place.next + row_number() over (partition by given.place order by given.index)::int - 1),
      bound.id, given.replaces
    from given join bound on bound.id = given."objectId" join place on place.place = given.place
    order by given.index
    returning *, ${seenAtPlace(given('collection'))}`;
}

/**
 * As one parameter, so that the statement is prepared once for any number of them. The states that their rows must have are columns too: as constants
 * they would let a plan that is made while the tables are small look for all open sessions and all unfinished objects, and keep doing so.
 */
const givenRows = (rows: RawBuilder<unknown>) => sql`
  select *, 'open' as open, 'writing' as writing
  from jsonb_to_recordset(${rows}::jsonb) as given (
    index int, place int, "isFirst" boolean, collection text, "entityType" text, "entityId" text, "ownerId" text,
    "uploadId" uuid, "assetId" uuid, "objectId" uuid, "jobId" uuid, state text, kind text,
    "mimeType" text, bytes bigint, sha256 text, crc32 bigint, purpose text, "fileName" text, "altText" text,
    "sortOrder" int, replaces uuid, untouched boolean, session jsonb, object jsonb)`;

const boundAssets = sql`select given."assetId" from given join bound on bound.id = given."objectId"`;

/**
 * The objects that become sources, as `bound`: their rows were written before their bytes, or are inserted now; and the sessions that were open, as
 * `opened`.
 */
function boundObjects({ rows }: Shape, registrations: readonly Registration[]) {
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
  if (rows === 'to write') return sql`${noSessions}, bound as (${inserted})`;
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
