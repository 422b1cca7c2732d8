import type { EntityMediaSync } from '@safelight/contract/collections';
import type { FieldProblem } from '@safelight/contract/errors';

import type { MediaRow } from '../assets/media-row.ts';
import { SafelightError } from '../lib/errors.ts';
import type { CollectionConfig } from '../policy/collection.ts';

type Item = EntityMediaSync['items'][number];
type Known = Pick<MediaRow, 'id' | 'purpose' | 'replaces'>;

/** The changes to one asset; undefined fields stay unchanged. */
export type Placed = { id: string; sortOrder?: number; purpose?: string; altText?: string | null; setsAltText?: true };

export type SyncPlan = {
  /** Every item that stays or is added, with its new position from 0 without gaps, and the item that gives up a single purpose. */
  places: Placed[];
  additions: { uploadId: string; purpose?: string | undefined; altText?: string | null | undefined }[];
  removed: MediaRow[];
};

export type SyncInput = {
  collection: Pick<CollectionConfig, 'name' | 'purposes' | 'singlePurposes'>;
  rules: { maxItems: number | null };
  /** Existing media that are not deleted, including waiting replacements. */
  live: readonly MediaRow[];
  /** The asset of each upload, or its session if there is no asset yet. */
  arrivals: ReadonlyMap<string, { assetId: string } | { session: { asset_id: string } }>;
  /** Tray rows whose bytes are still arriving. A form may list them like all others; they get their place on arrival. */
  uploading: ReadonlySet<string>;
  items: readonly Item[];
};

/**
 * Compares the edit form's result with the current state. It is a pure function, so that everything is refused before anything is written. A waiting
 * replacement has no place of its own: it stays with its photo, whether listed or not. Throws `invalid_request` with every invalid item, and
 * `collection_full` when more is added than there is room for.
 */
export function planSync({ collection, rules, live, arrivals, uploading, items }: SyncInput): SyncPlan {
  const problems: FieldProblem[] = [];
  const known = new Map<string, MediaRow>(live.map((row) => [row.id, row]));
  const listed = new Map<string, { item: Item; index: number; row: Known | null }>();
  for (const [index, item] of items.entries()) {
    const id = item.id ?? assetIdOf(arrivals.get(item.uploadId ?? ''));
    const field = `items.${index}.${item.id === undefined ? 'uploadId' : 'id'}`;
    const row = id === undefined ? undefined : known.get(id);
    if (item.id !== undefined && row === undefined && uploading.has(item.id)) continue;
    const comes = row === undefined && item.uploadId !== undefined && 'session' in (arrivals.get(item.uploadId) ?? {});
    if (id === undefined || (row === undefined && !comes)) problems.push({ field, message: `not in ${collection.name} of this entity` });
    else if (listed.has(id)) problems.push({ field, message: `listed twice, as items.${listed.get(id)?.index} too` });
    else listed.set(id, { item, index, row: row ?? null });
    if (item.purpose !== undefined && !collection.purposes.includes(item.purpose))
      problems.push({ field: `items.${index}.purpose`, message: `one of ${collection.purposes.join(', ')}` });
  }
  for (const single of collection.singlePurposes) {
    const claims = items.flatMap((item, index) => (item.purpose === single ? [index] : []));
    for (const index of claims.slice(1))
      problems.push({ field: `items.${index}.purpose`, message: `only one item may be ${single}, and items.${claims[0]} is` });
  }
  const [first] = problems;
  if (first !== undefined) throw new SafelightError('invalid_request', `${first.field}: ${first.message}.`, { errors: problems });

  const standing = [...listed].filter(([, { row }]) => !isWaiting(row));
  const comesCount = standing.filter(([, { row }]) => row === null).length;
  if (rules.maxItems !== null && comesCount > 0 && standing.length > rules.maxItems) {
    throw new SafelightError('collection_full', `${standing.length} items are listed; at most ${rules.maxItems} are allowed. Remove some.`);
  }
  return {
    places: placesOf(
      collection,
      listed,
      standing.map(([id]) => id),
    ),
    additions: standing.flatMap(([, { item, row }]) =>
      row === null && item.uploadId !== undefined ? [{ uploadId: item.uploadId, purpose: item.purpose, altText: item.altText }] : [],
    ),
    removed: live.filter((row) => row.replaces === null && !listed.has(row.id)),
  };
}

function placesOf(collection: SyncInput['collection'], listed: ReadonlyMap<string, { item: Item; row: Known | null }>, standing: readonly string[]): Placed[] {
  const claimed = new Set(
    [...listed.values()].flatMap(({ item }) => (item.purpose !== undefined && collection.singlePurposes.includes(item.purpose) ? [item.purpose] : [])),
  );
  const position = new Map(standing.map((id, index) => [id, index]));
  return [...listed].map(([id, { item, row }]) => {
    const givesUp = item.purpose === undefined && row !== null && claimed.has(row.purpose);
    const purpose = givesUp ? collection.purposes[0] : item.purpose;
    const sortOrder = position.get(id);
    return {
      id,
      ...(sortOrder === undefined ? {} : { sortOrder }),
      ...(purpose === undefined || isWaiting(row) ? {} : { purpose }),
      ...(item.altText === undefined ? {} : { altText: item.altText, setsAltText: true as const }),
    };
  });
}

const isWaiting = (row: Known | null): boolean => row !== null && row.replaces !== null;

const assetIdOf = (arrival: { assetId: string } | { session: { asset_id: string } } | undefined): string | undefined =>
  arrival === undefined ? undefined : 'session' in arrival ? arrival.session.asset_id : arrival.assetId;
