import type { MediaRow } from '../assets/media-row.ts';
import type { SyncPlan } from './plan-sync.ts';

type Row = Pick<MediaRow, 'id' | 'deleted_at' | 'replaces' | 'restore_rank' | 'sort_order'>;

/**
 * Where removed assets would come back to in the new order: behind the one that stood before them and is still there. Several at one
 * position keep their order among themselves. `rows` come in the old order, the removed ones with them.
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

/** Removed ones stood before the live one at their position. */
const rankOf = (row: Row): number => (row.deleted_at === null ? Number.MAX_SAFE_INTEGER : row.restore_rank);
