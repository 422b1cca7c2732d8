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
  /** Names the state of the policy that the rules are from: another after every change. */
  ruled: string;
  items: number;
  /** The actor may add only as long as nobody else's media stand there. */
  needsOwnEntity: boolean;
};

/**
 * Whether the actor may add to this place, and under which rules: one statement, read before any byte is taken.
 *
 * `media:manage` acts on anything. Entity patterns in the token bound where others may write; without them a caller may write to
 * an entity that is empty or holds only its own assets. A refusal says nothing about whose assets are there.
 */
export async function readAllowance(db: Db, actor: Actor, collection: CollectionConfig, entity: Entity | null): Promise<Allowance> {
  requireReach(actor, collection, entity);
  const { rows } = await sql<{ rules: Record<string, unknown>; ruled: string; items: number; foreign: boolean }>`
    select policy.rules, policy.xmin::text as ruled, held.items, held."foreign"
    from policy, lateral (${heldAt(actor, collection, entity)}) as held
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
 * The rules as they were last read, for code that writes down what it does with `allowedBy`: that statement asks whether they still hold, and whether
 * there is room. Undefined where nobody has read them yet.
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

/** One row where the remembered rules are those of this moment and there is room for one more, else none. */
export const allowedBy = (
  actor: Actor,
  { collection, entity, ruled, needsOwnEntity: needsOwn }: { collection: CollectionConfig; entity: Entity | null; ruled: string; needsOwnEntity: boolean },
): RawBuilder<unknown> => sql`
  select from policy, lateral (${heldAt(actor, collection, entity)}) as held
  where policy.collection = ${collection.name} and policy.xmin::text = ${ruled} and not (held."foreign" and ${needsOwn})
    and (policy.rules ->> 'maxItems' is null or held.items < (policy.rules ->> 'maxItems')::int)`;

/**
 * How many of the collection are at the entity, and whether any there are somebody else's. What is deleted is left out while counting and not by
 * `where`: a plan made while there is next to nothing would take any index of what is not deleted, and read all of it as long as it is kept.
 */
const heldAt = (actor: Actor, collection: CollectionConfig, entity: Entity | null): RawBuilder<unknown> => sql`
  select
    (count(*) filter (where collection = ${collection.name} and deleted_at is null and replaces is null))::int as items,
    coalesce(bool_or(owner_id <> ${actor.id} and deleted_at is null and replaces is null), false) as "foreign"
  from asset where entity_type = ${entity?.type ?? null} and entity_id = ${entity?.id ?? null}`;

/** What needs no look at the database. */
function requireReach(actor: Actor, collection: CollectionConfig, entity: Entity | null): void {
  requireEntity(collection, entity);
  const manages = actor.scopes.has('media:manage');
  if (collection.managersOnly && !manages) throw new SafelightError('forbidden', `Only a manager may add to ${collection.name}.`);
  if (!isWritable(actor, entity)) {
    throw new SafelightError(
      'forbidden',
      entity === null
        ? `This API key writes only to ${actor.entities?.join(', ') || 'nothing'}; what belongs to no entity is out of its reach.`
        : `Your token does not allow writing to ${entity.type}/${entity.id}.`,
    );
  }
}

/** Whether the actor may write to an entity only while it is empty or holds nothing but the actor's own. */
const needsOwnEntity = (actor: Actor): boolean => !actor.scopes.has('media:manage') && actor.entities === undefined;

export const isForeign = (entity: Entity): SafelightError => new SafelightError('forbidden', `You may not write to ${entity.type}/${entity.id}.`);

/** The same question where something comes back to its entity, under the lock on its place: the entity may have become somebody else's. */
export async function requireOwnEntity(tx: Tx, actor: Actor, entity: Entity): Promise<void> {
  if (!needsOwnEntity(actor)) return;
  const { rows } = await sql<{ foreign: boolean }>`select (${foreignAt(entity, actor.id)}) as foreign`.execute(tx);
  if (rows[0]?.foreign === true) throw isForeign(entity);
}

/** Whether anything at the entity is somebody else's. */
export const foreignAt = (entity: Entity, ownerId: string): RawBuilder<boolean> => sql`
  select coalesce(bool_or(owner_id <> ${ownerId} and deleted_at is null and replaces is null), false)
  from asset where entity_type = ${entity.type} and entity_id = ${entity.id}`;

/** Refuses what would not fit; `more` counts what the caller is about to add. */
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
      `Assets of ${collection.name} belong to a ${collection.entityType}: send entityType "${collection.entityType}" and its entityId.`,
      {
        errors: [{ field: entity === null ? 'entityId' : 'entityType', message: `a ${collection.entityType}` }],
      },
    );
  }
}
