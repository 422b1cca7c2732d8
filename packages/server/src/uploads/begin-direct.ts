import { sql } from '#kysely';

import type { Db } from '../lib/context.ts';
import { passesByItself } from '../lib/database.ts';
import { groupCalls } from '../lib/group-calls.ts';
import { transact } from '../lib/transact.ts';
import { allowedBy, type RememberedRules } from '../policy/read-allowance.ts';
import { hasQuota, reserveQuota } from '../policy/require-quota.ts';
import { insertSession, objectRowOf, rulesChanged, sessionRowOf, type NewSession } from './session-rows.ts';
import type { UploadContext } from './upload-context.ts';

/**
 * Writes the ledger row of a direct upload, before its first byte, and its session, unless the whole file is here already (`isWhole`): such an upload
 * is over before anybody could look at it, and its session is written once, with the asset. Returns the session that has no row yet. Uploads
 * that come at the same moment are written by one statement; where a quota applies, each opens by itself, because open uploads count.
 */
export async function beginDirect(ctx: UploadContext, session: NewSession, isWhole: boolean): Promise<NewSession | undefined> {
  if (!hasQuota(ctx.actor, ctx.site.ceilings)) {
    if (!(await groupOf(ctx.site.db)({ session, isWhole }))) throw rulesChanged();
    return isWhole ? session : undefined;
  }
  await transact(ctx.site.db, async (tx) => {
    await reserveQuota(tx, ctx.actor, ctx.site.ceilings, { bytes: 0 });
    await insertSession(tx, session);
  });
  return undefined;
}

type Opening = { session: NewSession; isWhole: boolean };
const groups = new WeakMap<Db, (opening: Opening) => Promise<boolean>>();

function groupOf(db: Db): (opening: Opening) => Promise<boolean> {
  const known = groups.get(db);
  if (known !== undefined) return known;
  const made = groupCalls<Opening, boolean>({
    run: async (openings) => await insertOpenings(db, openings),
    keyOf: () => '',
    mostAtOnce: 32,
    failsForAll: passesByItself,
  });
  groups.set(db, made);
  return made;
}

const given: RememberedRules<unknown> = {
  ownerId: sql.ref('given.ownerId'),
  collection: sql.ref('given.collection'),
  entityType: sql.ref('given.entityType'),
  entityId: sql.ref('given.entityId'),
  ruled: sql.ref('given.ruled'),
  needsOwn: sql.ref('given.needsOwn'),
};

/** False for those whose remembered rules do not hold any more; nothing is written for them. */
async function insertOpenings(db: Db, openings: readonly Opening[]): Promise<boolean[]> {
  const rows = openings.map(({ session, isWhole }) => ({
    ...session.plan.remembered,
    role: 'source',
    object: objectRowOf(session),
    ...(isWhole ? {} : { session: sessionRowOf(session) }),
  }));
  const { rows: allowed } = await sql<{ id: string }>`
    with given as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as given (
        role text, object jsonb, session jsonb, "ownerId" text, collection text, "entityType" text, "entityId" text,
        ruled text, "needsOwn" boolean)
      where role = 'source'
    ), allowed as materialized (
      select object, session from given where ruled is null or exists (${allowedBy(given)})
    ), opened as (${insertedFrom('upload_session', 'session', columnsOf(sessionRowOf, openings))})
    ${insertedFrom('object', 'object', columnsOf(objectRowOf, openings))} returning id`.execute(db);
  const ids = new Set(allowed.map(({ id }) => id));
  return openings.map(({ session }) => ids.has(session.objectId));
}

const columnsOf = (rowOf: (session: NewSession) => object, openings: readonly Opening[]): string[] =>
  openings.slice(0, 1).flatMap(({ session }) => Object.keys(rowOf(session)));

const insertedFrom = (table: 'object' | 'upload_session', column: 'object' | 'session', names: readonly string[]) => sql`
  insert into ${sql.table(table)} (${sql.join(names.map((name) => sql.ref(name)))})
  select ${sql.join(names.map((name) => sql.ref(`made.${name}`)))}
  from allowed, jsonb_populate_record(null::${sql.table(table)}, allowed.${sql.ref(column)}) as made
  where allowed.${sql.ref(column)} is not null`;
