import { sql, type RawBuilder } from '#kysely';

import type { Actor } from './context.ts';

export type EntityName = { type: string; id: string };

/** Patterns are `type/id` or `type/*`; nothing else has a meaning. */
export function entityMatches(patterns: readonly string[], entity: EntityName): boolean {
  return patterns.some((pattern) => pattern === `${entity.type}/${entity.id}` || pattern === `${entity.type}/*`);
}

/** The two columns of a row as the entity that they name; null for what belongs to its owner alone. */
export const entityOf = (row: { entity_type: string | null; entity_id: string | null }): EntityName | null =>
  row.entity_type === null || row.entity_id === null ? null : { type: row.entity_type, id: row.entity_id };

/** An API key with patterns: it reaches nothing outside them, whatever its scopes are and whoever it acts for. */
export const isBound = (actor: Actor): boolean => actor.via === 'key' && actor.entities !== undefined;

/** Whether there is anything for this caller at that entity, or, with null, at what belongs to no entity. */
export const isWithinReach = (actor: Actor, entity: EntityName | null): boolean =>
  !isBound(actor) || (entity !== null && entityMatches(actor.entities ?? [], entity));

/** The same as a condition on the rows of a table that names entities. */
export function withinReach(actor: Actor, table: 'asset' | 'job' | 'upload_session'): RawBuilder<boolean> {
  if (!isBound(actor)) return sql<boolean>`true`;
  const [type, id] = [sql.ref(`${table}.entity_type`), sql.ref(`${table}.entity_id`)];
  const patterns = [...(actor.entities ?? [])];
  return sql<boolean>`(${type} || '/' || ${id} = any(${patterns}::text[]) or (${id} is not null and ${type} || '/*' = any(${patterns}::text[])))`;
}

/** Whether a caller may write there: patterns bound it, on a key and on a person's token alike. What belongs to no entity is the owner's. */
export const isWritable = (actor: Actor, entity: EntityName | null): boolean =>
  isWithinReach(actor, entity) &&
  (entity === null || actor.entities === undefined || actor.scopes.has('media:manage') || entityMatches(actor.entities, entity));
