import type { Policy, PolicyRules } from '@safelight/contract/media-rules';
import type { Selectable } from '#kysely';

import type { Db, Tx } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import type { PolicyTable } from '../lib/schema-review.ts';

/** The current policy. It is read for each request rather than cached, so that a manager's change holds from the next request on, on every server. */
export async function readPolicy(db: Db | Tx, collection: string): Promise<Policy> {
  const row = await db.selectFrom('policy').selectAll().where('collection', '=', collection).executeTakeFirst();
  if (row === undefined) throw new SafelightError('not_found', `There is no policy for a collection "${collection}".`);
  return policyOf(row);
}

export function policyOf(row: Selectable<PolicyTable>): Policy {
  return { ...rulesOf(row.rules), collection: row.collection, version: row.version, updatedAt: row.updated_at.toISOString(), updatedBy: row.updated_by };
}

/** The rules were validated when they were written, perhaps before the newest of them existed; the column's type is only an object. */
export const rulesOf = (rules: Record<string, unknown>): PolicyRules => ({ ...newest, ...rules }) as PolicyRules;

const newest: Pick<PolicyRules, 'maxFps' | 'maxVideoBitrate' | 'requireAudio'> = { maxFps: 240, maxVideoBitrate: null, requireAudio: false };
