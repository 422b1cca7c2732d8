import type { PolicyHistory } from '@safelight/contract/policies';

import type { DataSite } from '../lib/context.ts';
import { encodeCursor, idOfCursor } from '../lib/cursor.ts';
import { notFound } from '../lib/errors.ts';
import { changedKeys } from './changed-keys.ts';
import type { Collections } from './collection.ts';

/** Every policy that a collection has had, newest first: who changed what, and when. */
export async function readPolicyHistory(
  ctx: { site: Pick<DataSite, 'db'> & { collections: Collections } },
  input: { collection: string; limit: number; cursor?: string | undefined },
): Promise<PolicyHistory> {
  if (!ctx.site.collections.has(input.collection)) throw notFound('collection');
  let query = ctx.site.db
    .selectFrom('policy_change')
    .selectAll()
    .where('collection', '=', input.collection)
    .orderBy('id', 'desc')
    .limit(input.limit + 1);
  if (input.cursor !== undefined) query = query.where('id', '<', idOfCursor(input.cursor));
  const rows = await query.execute();
  const page = rows.slice(0, input.limit);
  const last = page.at(-1);
  return {
    changes: page.map((row) => ({
      id: row.id,
      at: row.at.toISOString(),
      by: row.changed_by,
      changed: changedKeys(row.before, row.after),
      before: row.before,
      after: row.after,
      reviewExisting: row.existing,
    })),
    nextCursor: rows.length > input.limit && last !== undefined ? encodeCursor(last.id) : null,
  };
}
