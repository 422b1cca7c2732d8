import { sql } from '#kysely';

import { emit } from '../events/emit.ts';
import type { NewEvent } from '../events/stored-event.ts';
import type { Db, Tx } from '../lib/context.ts';
import { passesByItself } from '../lib/database.ts';
import { transact } from '../lib/transact.ts';

/** `isFailed`: the answer failed through no fault of the client. */
export type Settlement = { id: string; reserved: number; sent: number; size: number; isFailed?: boolean };

/** A household with its phones and an office need no more than this. */
const fewNetworks = 10;

/**
 * Records the bytes sent, releases the unused reservation, and extends the windows; a window in which nothing arrived because of us is undone. It
 * emits the events for begun and completed downloads, many at once.
 */
export async function settleDownloads(db: Db, settlements: readonly Settlement[]): Promise<void> {
  const failed = settlements.flatMap(({ id, isFailed = false }) => (isFailed ? [id] : []));
  let isEnding = false;
  const recorded = transact(db, async (tx) => {
    isEnding = false;
    // The same order as when a download is taken: first the file's row, then the window's.
    if (failed.length > 0)
      await sql`
        select 1 from grant_asset ga where exists (
          select 1 from download
          where download.id = any(${failed}::uuid[]) and download.grant_id = ga.grant_id
            and download.asset_id = ga.asset_id
        ) order by ga.asset_id, ga.grant_id for update`.execute(tx);
    const { rows } = await sql<{ id: string; wasUntold: boolean; isComplete: boolean; grantId: string; transaction: string; ownerId: string; mediaId: string }>`
      with given as (
        select id, sum(reserved) as reserved, sum(sent) as sent, max(size) as size
        from jsonb_to_recordset(${JSON.stringify(settlements)}::jsonb) as given (id uuid, reserved bigint, sent bigint,
          size bigint) group by id
      ), before as (
        select download.id, download.state, download.is_untold, given.reserved, given.sent, given.size from download
        join given on given.id = download.id
        order by download.asset_id, download.grant_id, download.id for update of download
      )
      update download
      set bytes = download.bytes + before.sent,
        reserved = greatest(0, download.reserved - greatest(0, before.reserved - before.sent)), last_at = now(),
        until = least(now() + interval '6 hours', download.started_at + interval '7 days'),
        is_untold = null, state = case when download.state = 'open'
          and download.bytes + before.sent >= before.size then 'complete' else download.state end
      from before, grant_ g where download.id = before.id and g.id = download.grant_id
      returning download.id, before.state = 'open' and download.state = 'complete' as "isComplete",
        coalesce(before.is_untold, false) as "wasUntold",
        g.id as "grantId", g.transaction, g.created_by as "ownerId",
        download.asset_id as "mediaId"`.execute(tx);
    if (failed.length > 0) await giveBackFailed(tx, failed);
    const begun = rows.filter(({ wasUntold }) => wasUntold);
    const shared = await noticeSharing(tx, [...new Set(begun.map(({ grantId }) => grantId))]);
    const told = (name: 'download_started' | 'download_completed', of: typeof rows): NewEvent[] =>
      of.map(({ id, transaction, ownerId, mediaId }) => ({ name, ownerId, mediaId, payload: { transaction, downloadId: id } }));
    await emit(tx, [
      ...told('download_started', begun),
      ...shared.map(({ ownerId, ...payload }) => ({ name: 'grant_shared' as const, ownerId, payload })),
      ...told(
        'download_completed',
        rows.filter(({ isComplete }) => isComplete),
      ),
    ]);
    isEnding = true;
  });
  await recorded.catch((cause: unknown) => {
    // Once the COMMIT may have been sent, its outcome is unknown if the answer is lost.
    throw !isEnding && passesByItself(cause) ? new SettlementRefused('The database refused the record of downloads.', { cause }) : cause;
  });
}

/** Nothing of the settlement was recorded, and the same one may succeed in a moment. */
export class SettlementRefused extends Error {}

/** Not if others have received something in the same window, or are about to. */
async function giveBackFailed(tx: Tx, ids: readonly string[]): Promise<void> {
  await sql`
    with given as (
      update download set state = 'given_back'
      where id = any(${ids}::uuid[]) and state = 'open' and bytes = 0 and reserved = 0
      returning grant_id, asset_id
    )
    update grant_asset set used = greatest(0, used - 1) from given
    where grant_asset.grant_id = given.grant_id and grant_asset.asset_id = given.asset_id`.execute(tx);
}

/** Grants that were downloaded from many networks within one day and not yet reported: the day's salt makes networks distinguishable. */
async function noticeSharing(tx: Tx, grantIds: readonly string[]): Promise<{ transaction: string; ownerId: string; networks: number }[]> {
  if (grantIds.length === 0) return [];
  const { rows } = await sql<{ transaction: string; ownerId: string; networks: number }>`
    with days as (
      select grant_id, count(distinct address_hash)::integer as networks from download
      where grant_id = any(${grantIds}::uuid[]) and started_at > now() - interval '24 hours'
      group by grant_id, (started_at at time zone 'utc')::date
    ), many as (select grant_id, max(networks) as networks from days group by grant_id
      having max(networks) > ${fewNetworks})
    update grant_ set shared_at = now() from many
    where grant_.id = many.grant_id and (shared_at is null or shared_at < now() - interval '24 hours')
    returning transaction, created_by as "ownerId", networks`.execute(tx);
  return rows;
}

/** Downloads whose server died before it could report their beginning. */
export async function tellForgotten(db: Db): Promise<void> {
  const { rows } = await sql<{ id: string }>`
    select id from download where is_untold and started_at < now() - interval '1 minute' order by id
    limit 500`.execute(db);
  // The size is not known here; this one keeps the downloads from counting as complete.
  if (rows.length > 0)
    await settleDownloads(
      db,
      rows.map(({ id }) => ({ id, reserved: 0, sent: 0, size: Number.MAX_SAFE_INTEGER })),
    );
}
