import { randomUUIDv7 } from 'node:crypto';

import { sql } from '#kysely';

import type { Db, Tx } from '../lib/context.ts';
import { emit } from '../events/emit.ts';
import { SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';

export type Wanted = {
  grantId: string;
  transaction: string;
  /** Who made the grant. */
  grantedBy: string;
  assetId: string;
  objectId: string;
  /** Of the whole file, and of what this request may send. */
  size: number;
  bytes: number;
  /** A range from somewhere behind the beginning goes on with what was begun, whatever network it comes from. */
  resumes: boolean;
  /** The client, by the salts of today and of yesterday: a window may be open over midnight. */
  clients: readonly [string, ...string[]];
  addressHash: string;
  agentClass: string;
  carrier: 'proxy' | 'redirect' | 'accelerated' | 'cdn';
  /** Downloads that may begin under the grant within a minute. */
  opensPerMinute: number;
  /** Whether this server can carry one more answer under the grant now. */
  hasRoom: boolean;
};

/** So many times its size goes out in one window: for connections that break, not for ranges that fetch it again and again. */
const mostSizes = 3;
/** A household, a phone and an office are few. */
const fewNetworks = 10;
/** Less than both of these is no download. */
const nothingBytes = 8 * 2 ** 20;

/**
 * Spends one download, or joins one that is under way, and answers its window. Where a window is open nothing is locked but its own row;
 * otherwise the row of the file in the grant is held, so that of any number at once exactly as many get a place as there are. That there is none
 * left is said before anything about rates: waiting does not help.
 */
export async function takeDownload(db: Db, wanted: Wanted): Promise<{ id: string }> {
  const joined = await joinWindow(db, wanted);
  if (joined !== undefined && !wanted.hasRoom) {
    await settleDownloads(db, [{ id: joined.id, reserved: wanted.bytes, sent: 0, size: wanted.size }]);
    throw tooManyAtOnce();
  }
  if (joined !== undefined) return joined;
  const [taken] = await takeDownloads(db, [wanted]);
  if (taken === undefined) throw new Error('one download was wanted, and none was taken');
  return taken;
}

/** The same for several files of one grant: all of them, or none. They begin as one. */
export async function takeDownloads(db: Db, all: readonly Wanted[]): Promise<{ id: string; assetId: string }[]> {
  return await transact(db, async (tx) => {
    const taken: { id: string; assetId: string; isNew: boolean }[] = [];
    // In one order, so that two of them never wait for each other.
    for (const wanted of all.toSorted((a, b) => (a.assetId < b.assetId ? -1 : 1))) {
      const joined = await joinWindow(tx, wanted);
      taken.push({ assetId: wanted.assetId, ...(joined === undefined ? await openWindow(tx, wanted) : { ...joined, isNew: false }) });
    }
    const [first] = all;
    const opened = taken.filter(({ isNew }) => isNew);
    if (first !== undefined && !first.hasRoom) throw tooManyAtOnce();
    if (first === undefined || opened.length === 0) return taken;
    await requireSlowness(tx, first);
    const { transaction, grantedBy: ownerId } = first;
    const networks = await noticeSharing(tx, first);
    await emit(tx, [
      ...opened.map(({ id, assetId }) => ({ name: 'download_started' as const, ownerId, mediaId: assetId, payload: { transaction, downloadId: id } })),
      ...(networks === null ? [] : [{ name: 'grant_shared' as const, ownerId, payload: { transaction, networks } }]),
    ]);
    return taken;
  });
}

async function openWindow(tx: Tx, wanted: Wanted): Promise<{ id: string; isNew: boolean }> {
  await tx
    .selectFrom('grant_asset')
    .select('used')
    .where('grant_id', '=', wanted.grantId)
    .where('asset_id', '=', wanted.assetId)
    .forUpdate()
    .executeTakeFirstOrThrow();
  // Whoever held the row before may have opened it.
  const joined = await joinWindow(tx, wanted);
  if (joined !== undefined) return { ...joined, isNew: false };
  await giveBackEnded(tx, wanted);
  const spent = await sql`
    update grant_asset set used = used + 1, last_download_at = now()
    where grant_id = ${wanted.grantId} and asset_id = ${wanted.assetId} and (max is null or used < max)`.execute(tx);
  if (spent.numAffectedRows === 0n) throw new SafelightError('download_limit_reached', 'All downloads of this file have been used. Ask the seller for more.');
  const id = randomUUIDv7();
  await sql`
    insert into download (id, grant_id, asset_id, object_id, client_hash, address_hash, agent_class, until, reserved, carrier)
    values (${id}, ${wanted.grantId}, ${wanted.assetId}, ${wanted.objectId}, ${wanted.clients[0]}, ${wanted.addressHash}, ${wanted.agentClass},
      now() + interval '6 hours', ${wanted.bytes}, ${wanted.carrier})`.execute(tx);
  return { id, isNew: true };
}

/** A receipt that went round, or a program that fetches again and again, has to go slowly. What began in this transaction counts already, as one. */
async function requireSlowness(tx: Tx, { grantId, opensPerMinute }: Wanted): Promise<void> {
  const { rows } = await sql<{ wait: number }>`
    select ceil(extract(epoch from started_at + interval '1 minute' - now()))::integer as wait from (
      select distinct started_at from download where grant_id = ${grantId} and started_at > now() - interval '1 minute' order by started_at desc
      offset ${opensPerMinute} limit 1
    ) earlier`.execute(tx);
  const [row] = rows;
  if (row === undefined) return;
  throw new SafelightError('rate_limited', `More than ${opensPerMinute} downloads of this purchase began within a minute. Go on in a while.`, {
    headers: { 'retry-after': String(Math.max(1, row.wait)) },
  });
}

const tooManyAtOnce = (): SafelightError =>
  new SafelightError('rate_limited', 'Too many downloads of this purchase are running at once. Wait until one has ended.', { headers: { 'retry-after': '5' } });

/** From how many networks it was downloaded within one day, where that are many and nobody was told yet: networks are told apart by the salt of their day. */
async function noticeSharing(tx: Tx, { grantId }: Wanted): Promise<number | null> {
  const { rows } = await sql<{ networks: number }>`
    with days as (
      select count(distinct address_hash)::integer as networks from download
      where grant_id = ${grantId} and started_at > now() - interval '24 hours' group by (started_at at time zone 'utc')::date
    )
    update grant_ set shared_at = now() where id = ${grantId} and (shared_at is null or shared_at < now() - interval '24 hours')
      and (select max(networks) from days) > ${fewNetworks} returning (select max(networks) from days) as networks`.execute(tx);
  return rows[0]?.networks ?? null;
}

/** Reserves what the request may send, in one statement, so that parallel requests never take more than a window carries. */
async function joinWindow(db: Db | Tx, wanted: Wanted): Promise<{ id: string } | undefined> {
  const { rows } = await sql<{ id: string }>`
    update download set reserved = reserved + ${wanted.bytes}, requests = requests + 1, last_at = now(),
      until = least(now() + interval '6 hours', started_at + interval '7 days')
    where id = (
      select id from download where grant_id = ${wanted.grantId} and asset_id = ${wanted.assetId} and state <> 'given_back' and until > now()
        and reserved + ${wanted.bytes} <= ${mostSizes * wanted.size} ${wanted.resumes ? sql`` : sql`and client_hash = any(${wanted.clients}::text[])`}
      order by id desc limit 1
    ) and state <> 'given_back' and reserved + ${wanted.bytes} <= ${mostSizes * wanted.size} returning id`.execute(db);
  return rows[0];
}

/** Windows that have ended with next to nothing give their place back, until what was had that way is as much as the file. */
async function giveBackEnded(tx: Tx, { grantId, assetId, size }: Wanted): Promise<void> {
  const least = Math.min(nothingBytes, Math.ceil(size / 10));
  await sql`
    with ended as (
      select id, bytes, sum(bytes) over (order by id) as so_far from download
      where grant_id = ${grantId} and asset_id = ${assetId} and state = 'open' and until <= now() and bytes < ${least} and carrier = 'proxy'
    ), given as (
      update download set state = 'given_back' from ended, grant_asset ga
      where download.id = ended.id and ga.grant_id = ${grantId} and ga.asset_id = ${assetId} and ga.given_back_bytes + ended.so_far < ${size} returning ended.bytes
    )
    update grant_asset set used = greatest(0, used - (select count(*)::integer from given)), given_back_bytes = given_back_bytes + (select coalesce(sum(bytes), 0) from given)
    where grant_id = ${grantId} and asset_id = ${assetId} and exists (select 1 from given)`.execute(tx);
}

/** `isFailed`: the answer was none, through no fault of whoever asked. */
export type Settlement = { id: string; reserved: number; sent: number; size: number; isFailed?: boolean };

/** Writes down what went out, gives back what was reserved and did not, and keeps the windows open; but a window that came to nothing because of us is as if it had not been. */
export async function settleDownloads(db: Db, settlements: readonly Settlement[]): Promise<void> {
  const failed = settlements.flatMap(({ id, isFailed = false }) => (isFailed ? [id] : []));
  await transact(db, async (tx) => {
    // Whoever takes one locks the file's row first, then the window's.
    if (failed.length > 0)
      await sql`
        select 1 from grant_asset ga where exists (
          select 1 from download where download.id = any(${failed}::uuid[]) and download.grant_id = ga.grant_id and download.asset_id = ga.asset_id
        ) order by ga.asset_id for update`.execute(tx);
    const { rows } = await sql<{ id: string; isComplete: boolean; transaction: string; ownerId: string; mediaId: string }>`
      with given as (
        select * from jsonb_to_recordset(${JSON.stringify(settlements)}::jsonb) as given (id uuid, reserved bigint, sent bigint, size bigint)
      ), before as (
        select download.id, download.state, given.reserved, given.sent, given.size from download join given on given.id = download.id
        order by download.asset_id for update of download
      )
      update download set bytes = download.bytes + before.sent, reserved = greatest(0, download.reserved - greatest(0, before.reserved - before.sent)), last_at = now(),
        until = least(now() + interval '6 hours', download.started_at + interval '7 days'),
        state = case when download.state = 'open' and download.bytes + before.sent >= before.size then 'complete' else download.state end
      from before, grant_ g where download.id = before.id and g.id = download.grant_id
      returning download.id, before.state = 'open' and download.state = 'complete' as "isComplete", g.transaction, g.created_by as "ownerId",
        download.asset_id as "mediaId"`.execute(tx);
    if (failed.length > 0) await giveBackFailed(tx, failed);
    const completed = rows.filter(({ isComplete }) => isComplete);
    if (completed.length === 0) return;
    await emit(
      tx,
      completed.map(({ id, transaction, ownerId, mediaId }) => ({
        name: 'download_completed' as const,
        ownerId,
        mediaId,
        payload: { transaction, downloadId: id },
      })),
    );
  });
}

/** Unless others have had something of the same window, or are about to. */
async function giveBackFailed(tx: Tx, ids: readonly string[]): Promise<void> {
  await sql`
    with given as (
      update download set state = 'given_back' where id = any(${ids}::uuid[]) and state = 'open' and bytes = 0 and reserved = 0
      returning grant_id, asset_id
    )
    update grant_asset set used = greatest(0, used - 1) from given
    where grant_asset.grant_id = given.grant_id and grant_asset.asset_id = given.asset_id`.execute(tx);
}
