import { randomUUIDv7 } from 'node:crypto';

import type { Db } from '../lib/context.ts';
import type { Collections } from './collection.ts';

/** Gives every declared collection its first policy, once; later changes by a manager stay. */
export async function seedPolicies(db: Db, collections: Collections): Promise<void> {
  const rows = [...collections.values()].map(({ name, policy }) => ({ collection: name, rules: JSON.stringify(policy), updated_by: 'configuration' }));
  if (rows.length === 0) return;
  await db.transaction().execute(async (tx) => {
    const added = await tx
      .insertInto('policy')
      .values(rows)
      .onConflict((conflict) => conflict.column('collection').doNothing())
      .returning('collection')
      .execute();
    if (added.length === 0) return;
    const names = new Set(added.map((row) => row.collection));
    const changes = rows.filter((row) => names.has(row.collection));
    await tx
      .insertInto('policy_change')
      .values(changes.map((row) => ({ id: randomUUIDv7(), collection: row.collection, changed_by: row.updated_by, after: row.rules })))
      .execute();
  });
}
