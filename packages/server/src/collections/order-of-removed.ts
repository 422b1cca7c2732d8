import type { MediaRow } from '../assets/media-row.ts';
import type { SyncPlan } from './plan-sync.ts';

type Row = Pick<MediaRow, 'id' | 'deleted_at' | 'replaces' | 'restore_rank' | 'sort_order'>;

/**
 * The positions to which removed assets would return in the new order: behind the last remaining one that preceded them. Several at one position keep
 * their order. `rows` are in the old order, including the removed ones.
 */
export function orderOfRemoved(rows: readonly Row[], plan: Pick<SyncPlan, 'places' | 'removed'>): { id: string; sortOrder: number; restoreRank: number }[] {
  const position = new Map(plan.places.flatMap(({ id, sortOrder }) => (sortOrder === undefined ? [] : [[id, sortOrder] as const])));
  const leaving = new Set(plan.removed.map(({ id }) => id));
  const inOrder = rows.filter((row) => row.replaces === null).toSorted((a, b) => a.sort_order - b.sort_order || rankOf(a) - rankOf(b));
  const found: { id: string; sortOrder: number; restoreRank: number }[] = [];
  let next = 0;
  let rank = 0;
  for (const row of inOrder) {
    const at = position.get(row.id);
    if (at !== undefined) {
      next = at + 1;
      rank = 0;
    } else if (row.deleted_at !== null || leaving.has(row.id)) {
      found.push({ id: row.id, sortOrder: next, restoreRank: rank });
      rank += 1;
    }
  }
  return found;
}

/** Removed assets precede the live one at their position. */
const rankOf = (row: Row): number => (row.deleted_at === null ? Number.MAX_SAFE_INTEGER : row.restore_rank);
