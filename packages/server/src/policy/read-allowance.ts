import type { PolicyRules } from '@safelight/contract/media-rules';
import { sql, type RawBuilder } from '#kysely';

import type { Actor, Db, Tx } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { isWritable } from '../lib/reach.ts';
import type { CollectionConfig } from './collection.ts';
import { rulesOf } from './read-policy.ts';

export type Entity = { type: string; id: string };
export type Allowance = {
  rules: PolicyRules;
  /** Identifies the state of the policy that the rules are from: it differs after every change. */
  ruled: string;
  items: number;
  /** The actor may add only while no other owner has media there. */
  needsOwnEntity: boolean;
};

/**
 * Whether the actor may add to this place, and under which rules: one statement, read before any byte is taken.
 *
 * `media:manage` may act on anything. Entity patterns in the token limit where other callers may write; without them a caller may write to an entity
 * that is empty or holds only their own assets. A refusal reveals nothing about other owners' assets.
 */
export async function readAllowance(db: Db, actor: Actor, collection: CollectionConfig, entity: Entity | null): Promise<Allowance> {
  requireReach(actor, collection, entity);
  const { rows } = await sql<{ rules: Record<string, unknown>; ruled: string; items: number; foreign: boolean }>`
    select policy.rules, policy.xmin::text as ruled, held.items, held."foreign"
    from policy, lateral (${heldAt(placeOf(actor, collection, entity))}) as held
    where policy.collection = ${collection.name}`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new SafelightError('unavailable', `The policy of ${collection.name} has not been written yet. Run safelight migrate.`);
  const rules = rulesOf(row.rules);
  rememberedOf(db).set(collection.name, { rules, ruled: row.ruled });
  const needsOwn = entity !== null && needsOwnEntity(actor);
  if (row.foreign && needsOwn) throw isForeign(entity);
  return { rules, ruled: row.ruled, items: row.items, needsOwnEntity: needsOwn };
}

/**
 * The rules as they were last read, for code that inserts with `allowedBy`: that statement checks whether they still hold, and whether there is room.
 * Undefined when nobody has read them yet.
 */
export function rememberedAllowance(db: Db, actor: Actor, collection: CollectionConfig, entity: Entity | null): Omit<Allowance, 'items'> | undefined {
  requireReach(actor, collection, entity);
  const remembered = rememberedOf(db).get(collection.name);
  return remembered === undefined ? undefined : { ...remembered, needsOwnEntity: entity !== null && needsOwnEntity(actor) };
}

type Remembered = Pick<Allowance, 'rules' | 'ruled'>;
const remembered = new WeakMap<Db, Map<string, Remembered>>();

function rememberedOf(db: Db): Map<string, Remembered> {
  const known = remembered.get(db) ?? new Map<string, Remembered>();
  remembered.set(db, known);
  return known;
}

/** What has to hold for rules from memory to decide, as the values of a query or as the names of its columns. */
export type RememberedRules<Term = string | boolean | null> = Record<'ownerId' | 'collection' | 'entityType' | 'entityId' | 'ruled' | 'needsOwn', Term>;

export const rememberedBy = (
  actor: Actor,
  { collection, entity, ruled, needsOwnEntity: needsOwn }: { collection: CollectionConfig; entity: Entity | null; ruled: string; needsOwnEntity: boolean },
): RememberedRules => ({ ...placeOf(actor, collection, entity), ruled, needsOwn });

/** Yields one row if the remembered rules are still current and there is room for one more, else none. */
export const allowedBy = ({ ruled, needsOwn, ...place }: RememberedRules<unknown>): RawBuilder<unknown> => sql`
  select from policy, lateral (${heldAt(place)}) as held
  where policy.collection = ${place.collection} and policy.xmin::text = ${ruled}
    and not (held."foreign" and ${needsOwn})
    and (policy.rules ->> 'maxItems' is null or held.items < (policy.rules ->> 'maxItems')::int)`;

type PlaceTerms<Term> = Pick<RememberedRules<Term>, 'ownerId' | 'collection' | 'entityType' | 'entityId'>;

const placeOf = (actor: Actor, collection: CollectionConfig, entity: Entity | null): PlaceTerms<string | null> => ({
  ownerId: actor.id,
  collection: collection.name,
  entityType: entity?.type ?? null,
  entityId: entity?.id ?? null,
});

/**
 * The number of assets of the collection at the entity, and whether any belong to others. Deleted assets are left out by the count, not by `where`: a
 * plan made while the table is nearly empty would choose any index of undeleted assets, and keep reading all of it for as long as the plan is cached.
 */
const heldAt = ({ ownerId, collection, entityType, entityId }: PlaceTerms<unknown>): RawBuilder<unknown> => sql`
  select
    (count(*) filter (
      where asset.collection = ${collection} and deleted_at is null and replaces is null))::int as items,
    coalesce(bool_or(owner_id <> ${ownerId} and deleted_at is null and replaces is null), false) as "foreign"
  from asset where entity_type = ${entityType} and entity_id = ${entityId}`;

/** The checks that need no database. */
function requireReach(actor: Actor, collection: CollectionConfig, entity: Entity | null): void {
  requireEntity(collection, entity);
  const manages = actor.scopes.has('media:manage');
  if (collection.managersOnly && !manages)
    throw new SafelightError('forbidden', `Only a manager may add to ${collection.name}. Use a token with the scope media:manage.`);
  if (isWritable(actor, entity)) return;
  if (entity !== null) throw mayNotWrite(entity);
  const reach = actor.entities?.join(', ') || 'nothing';
  throw new SafelightError('forbidden', `This API key writes only to ${reach}; what belongs to no entity is out of its reach.`);
}

/** Whether the actor may write to an entity only while it is empty or holds only the actor's own media. */
const needsOwnEntity = (actor: Actor): boolean => !actor.scopes.has('media:manage') && actor.entities === undefined;

/** The entities of the actor's token are others. */
export const mayNotWrite = ({ type, id }: Entity): SafelightError =>
  new SafelightError('forbidden', `Your token does not allow writing to ${type}/${id}. Use one whose entities include it.`);

export const isForeign = ({ type, id }: Entity): SafelightError =>
  new SafelightError(
    'forbidden',
    `${type}/${id} holds media of somebody else, and your token does not name it. Use a token whose entities include it, or another ${type}.`,
  );

/** The same check when an asset returns to its entity, under the lock on its place: the entity may belong to somebody else by now. */
export async function requireOwnEntity(tx: Tx, actor: Actor, entity: Entity): Promise<void> {
  if (!needsOwnEntity(actor)) return;
  const { rows } = await sql<{ foreign: boolean }>`select (${foreignAt(entity, actor.id)}) as foreign`.execute(tx);
  if (rows[0]?.foreign === true) throw isForeign(entity);
}

/** Whether the entity holds media of another owner. */
const foreignAt = (entity: Entity, ownerId: string): RawBuilder<boolean> => sql`
  select coalesce(bool_or(owner_id <> ${ownerId} and deleted_at is null and replaces is null), false)
  from asset where entity_type = ${entity.type} and entity_id = ${entity.id}`;

/** Refuses what would not fit; `more` is the number that the caller is about to add. */
export function requireRoom(allowance: { items: number; rules: Pick<PolicyRules, 'maxItems'> }, more = 1): void {
  const { maxItems } = allowance.rules;
  if (maxItems !== null && allowance.items + more > maxItems) {
    throw new SafelightError('collection_full', `There are ${allowance.items} of at most ${maxItems}. Delete some first.`);
  }
}

function requireEntity(collection: CollectionConfig, entity: Entity | null): void {
  if (collection.entityType === null && entity !== null) {
    throw new SafelightError('invalid_request', `Assets of ${collection.name} belong to their owner alone; leave entityType and entityId out.`, {
      errors: [{ field: 'entityType', message: 'not used here' }],
    });
  }
  if (collection.entityType !== null && entity?.type !== collection.entityType) {
    throw new SafelightError(
      'invalid_request',
      `Assets of ${collection.name} belong to an entity: send entityType "${collection.entityType}" and its entityId.`,
      {
        errors: [{ field: entity === null ? 'entityId' : 'entityType', message: entity === null ? 'missing' : `must be ${collection.entityType}` }],
      },
    );
  }
}
