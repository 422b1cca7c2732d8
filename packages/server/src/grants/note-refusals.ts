import type { grantRefusalsSchema, RefusalReason } from '@safelight/contract/grants';
import { sql } from '#kysely';
import type { z } from 'zod';

import type { Db } from '../lib/context.ts';
import { notFound } from '../lib/errors.ts';
import { clientOf } from './client-hash.ts';

export type Refused = { transaction: string; mediaId: string | null; reason: RefusalReason; address: string; agent: string };

/** The time in which a buyer can still complain about it. */
const keptDays = 90;

/** Records who was refused, and why. Refusals for transactions without a grant are not stored. */
export async function noteRefusals(db: Db, refused: readonly (Refused & { count: number })[], now: Date): Promise<void> {
  const rows = [];
  for (const { address, agent, ...refusal } of refused) {
    const { addressHash, agentClass } = await clientOf(db, { address, agent }, now);
    rows.push({ ...refusal, addressHash, agentClass });
  }
  await sql`
    insert into grant_refusal (grant_id, asset_id, reason, address_hash, agent_class, day, count)
    select g.id, given."mediaId", given.reason, given."addressHash", given."agentClass",
      (now() at time zone 'utc')::date, sum(given.count)
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as given (transaction text, "mediaId" uuid, reason text,
      "addressHash" text, "agentClass" text, count integer)
    join grant_ g on g.transaction = given.transaction
    group by 1, 2, 3, 4, 5 order by 1, 2, 3, 4, 5
    on conflict (grant_id, day, asset_id, reason, address_hash, agent_class) do update
    set count = grant_refusal.count + excluded.count, last_at = now()`.execute(db);
  await sql`delete from grant_refusal where day < (now() at time zone 'utc')::date - ${keptDays}::integer`.execute(db);
}

/** The refused requests under a grant, the latest first. Networks are distinguishable within a day, but never named. */
export async function listRefusals(db: Db, { transaction }: { transaction: string }): Promise<z.output<typeof grantRefusalsSchema>> {
  const grant = await db.selectFrom('grant_').select('id').where('transaction', '=', transaction).executeTakeFirst();
  if (grant === undefined) throw notFound('grant');
  const { rows } = await sql<{
    asset_id: string | null;
    reason: RefusalReason;
    agent_class: 'browser' | 'program' | 'unknown';
    network: number;
    count: number;
    first_at: Date;
    last_at: Date;
  }>`
    select asset_id, reason, agent_class, dense_rank() over (order by day, address_hash)::integer as network, count,
      first_at, last_at
    from grant_refusal where grant_id = ${grant.id} order by last_at desc limit 200`.execute(db);
  return {
    refusals: rows.map((row) => ({
      mediaId: row.asset_id,
      reason: row.reason,
      client: row.agent_class,
      network: row.network,
      count: row.count,
      firstAt: row.first_at.toISOString(),
      lastAt: row.last_at.toISOString(),
    })),
  };
}
