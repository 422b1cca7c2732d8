import { sql } from '#kysely';

import { eventRowOf, eventsTold } from '../events/events-told.ts';
import { shardOf } from '../events/shards.ts';
import type { NewEvent } from '../events/stored-event.ts';
import type { Db } from '../lib/context.ts';
import { passesByItself, untilDone } from '../lib/database.ts';
import { groupCalls } from '../lib/group-calls.ts';
import { notify } from '../lib/notify.ts';
import { keepText, type Given } from '../lib/keep-text.ts';
import { allowedBy, type RememberedRules } from '../policy/read-allowance.ts';
import { sessionAsOpened } from './as-opened.ts';
import { objectRowOf, rulesChanged, sessionRowOf, type NewSession, type UploadSession } from './session-rows.ts';

export type Opening = {
  session: NewSession;
  /** Only the ledger row is written now, and the session later. */
  isSessionLater?: boolean;
  /** What followers are told with it. */
  event?: NewEvent;
};

/**
 * Writes the ledger row of an upload's object, before its first byte, and its session; null when that is left for later. Uploads that come at the same
 * moment are written by one statement. If the plan uses remembered rules, the same statement checks that they still hold; if they do not, it throws
 * `conflict` and writes nothing for that upload. For uploads without a quota: where open uploads count, each waits for the one before.
 */
export async function writeOpening(db: Db, opening: Opening): Promise<UploadSession | null> {
  const opened = await writeTogether(db, opening);
  if (opened === undefined) throw rulesChanged();
  return opened;
}

type Opened = UploadSession | null | undefined;

const writeTogether = groupCalls<Db, Opening, Opened>({
  run: async (db, openings) => {
    const opened = await untilDone(async () => await insertOpenings(db, openings));
    const shards = openings.flatMap(({ event }, index) => (event === undefined || opened[index] === undefined ? [] : shardOf(event.ownerId)));
    for (const shard of new Set(shards)) notify(db, 'events', String(shard));
    return opened;
  },
  // Those that tell nobody need not wait for others who tell the same followers.
  keyOf: ({ event }) => (event === undefined ? 'silent' : 'told'),
  failsForAll: passesByItself,
});

const asked: RememberedRules<unknown> = {
  ownerId: sql.ref('given.ownerId'),
  collection: sql.ref('given.collection'),
  entityType: sql.ref('given.entityType'),
  entityId: sql.ref('given.entityId'),
  ruled: sql.ref('given.ruled'),
  needsOwn: sql.ref('given.needsOwn'),
};

/** Undefined for those whose remembered rules do not hold any more; nothing is written for them. */
async function insertOpenings(db: Db, openings: readonly Opening[]): Promise<Opened[]> {
  const rows = openings.map(({ session, isSessionLater, event }, index) => ({
    ...session.plan.remembered,
    index,
    role: 'source',
    ...(event && { event: eventRowOf(event) }),
    object: objectRowOf(session),
    ...(isSessionLater === true ? {} : { session: sessionRowOf(session) }),
  }));
  const isSessionOpened = openings.some(({ isSessionLater }) => isSessionLater !== true);
  const shape: Shape = { isSessionOpened, isTold: openings.some(({ event }) => event !== undefined) };
  const build = (given: Given<'rows'>) => openingsInto(given, shape, openings);
  const { rows: written } = await insertRows(db, JSON.stringify(shape), build, { rows: JSON.stringify(rows) });
  const openedAt = new Map(written.map(({ reserved, opened_at: at }) => [reserved, at]));
  return openings.map(({ session, isSessionLater }) => {
    const at = openedAt.get(session.objectId);
    if (at === undefined) return undefined;
    return isSessionLater === true || at === null ? null : sessionAsOpened(session, at);
  });
}

type Written = { reserved: string; opened_at: Date | null };
const insertRows = keepText<Written, 'rows'>();

/** What the text of the statement depends on. */
type Shape = { isSessionOpened: boolean; isTold: boolean };

function openingsInto(given: Given<'rows'>, { isSessionOpened, isTold }: Shape, [first]: readonly Opening[]) {
  if (first === undefined) throw new Error('There is nothing to open.');
  const [objectColumns, sessionColumns] = [Object.keys(objectRowOf(first.session)), Object.keys(sessionRowOf(first.session))];
  const opened = isSessionOpened ? sql`, opened as (${insertedFrom('upload_session', 'session', sessionColumns)} returning object_id, created_at)` : sql``;
  const written = isSessionOpened
    ? sql`
      select reserved.id as reserved, opened.created_at as opened_at
      from reserved left join opened on opened.object_id = reserved.id`
    : sql`select id as reserved, null::timestamptz as opened_at from reserved`;
  return sql<Written>`
    with given as (
      select * from jsonb_to_recordset(${given('rows')}::jsonb) as given (
        index int, role text, object jsonb, session jsonb, event jsonb, "ownerId" text, collection text,
        "entityType" text, "entityId" text,
        ruled text, "needsOwn" boolean)
      where role = 'source'
    ), allowed as materialized (
      select index, object, session, event from given where ruled is null or exists (${allowedBy(asked)})
    ), reserved as (${insertedFrom('object', 'object', objectColumns)} returning id
    )${opened}${isTold ? sql`, ${told}, ${eventsTold}` : sql``}
    ${written}`;
}

const insertedFrom = (table: 'object' | 'upload_session', column: 'object' | 'session', names: readonly string[]) => sql`
  insert into ${sql.table(table)} (${sql.join(names.map((name) => sql.ref(name)))})
  select ${sql.join(names.map((name) => sql.ref(`made.${name}`)))}
  from allowed, jsonb_populate_record(null::${sql.table(table)}, allowed.${sql.ref(column)}) as made
  where allowed.${sql.ref(column)} is not null`;

/** The events of those that were written, in the order of the uploads. */
const told = sql`
  told as materialized (
    select (allowed.event ->> 'shard')::int as shard, allowed.event,
      row_number() over (partition by allowed.event ->> 'shard' order by allowed.index) as ord
    from allowed join reserved on reserved.id = (allowed.object ->> 'id')::uuid
    where allowed.event is not null
  )`;
