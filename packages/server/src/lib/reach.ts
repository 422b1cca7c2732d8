import { sql, type RawBuilder } from '#kysely';

import type { Actor } from './context.ts';

export type EntityName = { type: string; id: string };

/** Patterns are `type/id` or `type/*`; anything else matches nothing. */
export function entityMatches(patterns: readonly string[], entity: EntityName): boolean {
  return patterns.some((pattern) => pattern === `${entity.type}/${entity.id}` || pattern === `${entity.type}/*`);
}

/** The entity that a row's two columns name; null when the row belongs to its owner alone. */
export const entityOf = (row: { entity_type: string | null; entity_id: string | null }): EntityName | null =>
  row.entity_type === null || row.entity_id === null ? null : { type: row.entity_type, id: row.entity_id };

/** Whether this is an API key with patterns: it reaches nothing outside them, whatever its scopes and whichever owner it acts for. */
export const isBound = (actor: Actor): boolean => actor.via === 'key' && actor.entities !== undefined;

/** Whether this caller can reach that entity or, with null, what belongs to no entity. */
export const isWithinReach = (actor: Actor, entity: EntityName | null): boolean =>
  !isBound(actor) || (entity !== null && entityMatches(actor.entities ?? [], entity));

/** The same as a condition on the rows of a table with entities. */
export function withinReach(actor: Actor, table: 'asset' | 'job' | 'upload_session'): RawBuilder<boolean> {
  if (!isBound(actor)) return sql<boolean>`true`;
  const [type, id] = [sql.ref(`${table}.entity_type`), sql.ref(`${table}.entity_id`)];
  const patterns = [...(actor.entities ?? [])];
  return sql<boolean>`(${type} || '/' || ${id} = any(${patterns}::text[]) or (${id} is not null and ${type} || '/*' = any(${patterns}::text[])))`;
}

/** Whether a caller may write there: patterns limit writing, on a key and on a person's token alike. What belongs to no entity is the owner's. */
export const isWritable = (actor: Actor, entity: EntityName | null): boolean =>
  isWithinReach(actor, entity) &&
  (entity === null || actor.entities === undefined || actor.scopes.has('media:manage') || entityMatches(actor.entities, entity));
