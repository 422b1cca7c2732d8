import type { MediaRow } from '../assets/media-row.ts';
import type { Change } from '../assets/status-changes.ts';

export type Standing = 'in_place' | 'waiting' | 'deleted' | 'replaced';

/**
 * The state of an asset at its place.
 *
 * `in_place`: it has the place, whether it is shown yet or not. `waiting`: it will replace the asset in place (`replaces`); no gallery and no count
 * includes it, its owner sees it in the tray, and it may fail, be retried or be rejected while the other stays. Once it may be shown, one transaction
 * gives it the place: order, purpose, alt text. The previous asset is then `replaced`: deleted with an undo window, and it records its successor
 * (`replaced_by`). Restoring it makes it the waiting replacement of the asset that has the place by then, so an undo follows the same rule: the place
 * is never empty, and never holds two. A newer replacement ends an older one that still waits.
 */
export const placeChanges = [
  { from: 'none', to: 'in_place', when: 'it is uploaded' },
  { from: 'none', to: 'waiting', when: 'it is uploaded as a replacement' },
  { from: 'in_place', to: 'waiting', when: 'it is named as the replacement of another' },
  { from: 'waiting', to: 'in_place', when: 'it could be shown: it takes the place' },
  { from: 'waiting', to: 'deleted', when: 'it is discarded or superseded, or its place is deleted' },
  { from: 'in_place', to: 'replaced', when: 'its replacement takes the place' },
  { from: 'in_place', to: 'deleted', when: 'it is deleted, or a sync leaves it out' },
  { from: 'deleted', to: 'in_place', when: 'it is restored' },
  { from: 'deleted', to: 'waiting', when: 'it is restored with its place, or was discarded' },
  { from: 'replaced', to: 'waiting', when: 'it is restored, and may not be shown yet' },
  { from: 'replaced', to: 'in_place', when: 'it is restored, and swaps places' },
  { from: 'replaced', to: 'deleted', when: 'whoever had its place is purged' },
  { from: 'deleted', to: 'replaced', when: 'the one that it had replaced is restored in its stead' },
  { from: 'deleted', to: 'none', when: 'its undo window ends: it is purged' },
  { from: 'replaced', to: 'none', when: 'its undo window ends: it is purged' },
] as const satisfies readonly Change<Standing>[];

export function standingOf(row: Pick<MediaRow, 'deleted_at' | 'replaces' | 'replaced_by'>): Standing {
  if (row.deleted_at !== null) return row.replaced_by === null ? 'deleted' : 'replaced';
  return row.replaces === null ? 'in_place' : 'waiting';
}
