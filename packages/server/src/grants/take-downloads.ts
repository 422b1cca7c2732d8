import { randomUUIDv7 } from 'node:crypto';

import { sql } from '#kysely';

import type { Db } from '../lib/context.ts';
import { untilDone } from '../lib/database.ts';
import { SafelightError } from '../lib/errors.ts';

export type Wanted = {
  grantId: string;
  assetId: string;
  objectId: string;
  /** The size of the whole file, and of what this request may send. */
  size: number;
  bytes: number;
  /** A range that does not start at the first byte continues an earlier download, from whichever network. */
  resumes: boolean;
  /** The client, by the salts of today and of yesterday: a window may be open over midnight. */
  clients: readonly [string, ...string[]];
  addressHash: string;
  agentClass: string;
  carrier: 'proxy' | 'redirect' | 'accelerated' | 'cdn';
  /** Downloads that may begin under the grant within a minute. */
  opensPerMinute: number;
  /** Whether this server has room for one more answer under the grant. */
  hasRoom: boolean;
};

/** How many times a file's size one window covers: enough for broken connections, not for fetching ranges again and again. */
const mostSizes = 3;

/** `isNew`: it has just begun, which is still to be reported (settle-downloads.ts). */
export type Taken = { id: string; assetId: string; isNew: boolean };

/**
 * Spends a download of each file of an answer, or joins one that is open, and returns their windows: all of them, or none. They begin together. For
 * an open window only its own row is locked; otherwise the file's row in the grant is locked, so that concurrent requests never exceed the number of
 * downloads. That none are left is reported before any rate limit: waiting would not help. All of it is one statement (0010_downloads.sql), because a
 * reader waits for it.
 */
export async function takeDownloads(db: Db, all: readonly Wanted[]): Promise<Taken[]> {
  const [first] = all;
  if (first === undefined) return [];
  const { grantId, resumes, clients, addressHash, agentClass, carrier, opensPerMinute, hasRoom } = first;
  const about = { grantId, resumes, clients, addressHash, agentClass, carrier, opensPerMinute, hasRoom };
  const files = all.map(({ assetId, objectId, size, bytes }) => ({ id: randomUUIDv7(), assetId, objectId, size, bytes, carries: mostSizes * size }));
  const { rows } = await untilDone(
    async () =>
      await sql<{ id: string; assetId: string; refusal: 'limit' | 'room' | 'rate' | null; wait: number | null }>`
        select download_id as id, of_asset as "assetId", refusal, wait
        from take_downloads(${JSON.stringify(about)}::jsonb, ${JSON.stringify(files)}::jsonb)`.execute(db),
  );
  const refused = rows.find(({ refusal }) => refusal !== null);
  if (refused !== undefined) throw refusalOf(refused, opensPerMinute);
  return rows.map(({ id, assetId }) => ({ id, assetId, isNew: files.some((file) => file.id === id) }));
}

function refusalOf({ refusal, wait }: { refusal: 'limit' | 'room' | 'rate' | null; wait: number | null }, opensPerMinute: number): SafelightError {
  if (refusal === 'limit') return new SafelightError('download_limit_reached', 'All downloads of this file have been used. Ask the seller for more.');
  const [detail, seconds] =
    refusal === 'room'
      ? ['Too many downloads of this purchase are running at once. Wait until one has ended.', 5]
      : [`More than ${opensPerMinute} downloads of this purchase began within a minute. Go on in a while.`, Math.max(1, wait ?? 1)];
  return new SafelightError('rate_limited', detail, { headers: { 'retry-after': String(seconds) } });
}
