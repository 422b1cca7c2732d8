import type { MediaRow } from '../assets/media-row.ts';
import type { Tx } from '../lib/context.ts';
import { lockPlaces } from '../places/lock-place.ts';
import { insertAssets, type InsertedAsset } from './insert-assets.ts';
import { requirePlaces } from './places-of-arrivals.ts';
import type { Registration } from './registration.ts';
import { rulesChanged } from './session-rows.ts';

/**
 * Turns durable bytes into assets: session, ledger and asset rows change together in one statement. Several are all of one collection, either
 * all of entities or none, and those of one place stand there in the given order. An upload whose session had already moved on (a repeated call, or an
 * abort meanwhile) gets null, and nothing is changed for it. Throws `collection_full` or `forbidden` for changes at the place since the uploads were
 * opened, and `conflict` where remembered rules that nobody has checked yet do not hold any more.
 */
export async function registerAssets(tx: Tx, registrations: readonly Registration[]): Promise<(MediaRow | null)[]> {
  const [first] = registrations;
  if (first === undefined) return [];
  // Without the locks, two concurrent registrations would get the same position.
  await lockPlaces(
    tx,
    registrations.map(({ session }) => session),
  );
  const rows = await insertAssets(tx, registrations);
  requireRules(registrations, rows);
  requirePlaces(rows);
  const byId = new Map(rows.map((row) => [row.id, row]));
  return registrations.map((registration) => {
    const row = byId.get(registration.session.asset_id);
    return row === undefined ? null : mediaRowOf(row, registration);
  });
}

/** Checks that the rules are still those that uploads were planned with, where no statement that opens the upload has done so. */
function requireRules(registrations: readonly Registration[], rows: readonly InsertedAsset[]): void {
  const ruled = rows[0]?.ruled;
  const remembered = registrations.flatMap(
    ({ isUnnamed, unopened, ruled: by = isUnnamed === true ? unopened?.plan.remembered?.ruled : undefined }) => by ?? [],
  );
  if (ruled !== undefined && remembered.some((by) => by !== ruled)) throw rulesChanged();
}

function mediaRowOf(
  { place: _, items: __, maxItems: ___, ruled: ____, foreign: _____, needsOwn: ______, ...row }: InsertedAsset,
  { source, mimeType }: Registration,
): MediaRow {
  return {
    ...row,
    published: false,
    artifacts: [['source', null, source.bytes, mimeType, null, null, source.key, null]],
  };
}
