import type { Policy, PolicyRules } from '@safelight/contract/media-rules';
import { policyRulesSchema } from '@safelight/contract/media-rules';
import type { ReviewExisting } from '@safelight/contract/policies';
import { randomUUIDv7 } from 'node:crypto';

import type { Context, DataSite } from '../lib/context.ts';
import { notFound, SafelightError } from '../lib/errors.ts';
import { transact } from '../lib/transact.ts';
import { checkPolicy } from '../policy/check-policy.ts';
import { changedKeys } from '../policy/changed-keys.ts';
import type { Ceilings } from '../policy/ceilings.ts';
import { lockCollection } from '../places/lock-place.ts';
import type { GateSite } from './announce-gate-change.ts';
import { followPolicy } from './follow-policy.ts';
import { policyOf, rulesOf } from '../policy/read-policy.ts';
import { isMeantFor } from '../lib/etags.ts';

export type PolicySite = DataSite & GateSite & { ceilings: Ceilings };
export type PolicyContext = Context<PolicySite>;

export type ChangePolicy = { collection: string; rules: PolicyRules; reviewExisting?: ReviewExisting | undefined; ifMatch?: string | undefined };

/**
 * Replaces a policy as a whole, from the next request on every server. The old policy, who changed it, and what happened to the existing photos are
 * recorded. The same policy again changes nothing. Throws `invalid_request` with every field that exceeds a ceiling or is invalid, and
 * `precondition_failed` when somebody else was first.
 */
export async function changePolicy(ctx: PolicyContext, input: ChangePolicy): Promise<Policy> {
  const collection = ctx.site.collections.get(input.collection);
  if (collection === undefined) throw notFound('collection');
  const after = policyRulesSchema.parse(input.rules);
  const problems = checkPolicy(after, collection, ctx.site.ceilings);
  const [first] = problems;
  if (first !== undefined) throw new SafelightError('invalid_request', `${first.field}: ${first.message}.`, { errors: problems });
  return await transact(ctx.site.db, async (tx) => {
    // Nothing changes in this collection until the new rules are stored: no photo is made ready between two gates.
    await lockCollection(tx, collection.name);
    const row = await tx.selectFrom('policy').selectAll().where('collection', '=', collection.name).forUpdate().executeTakeFirst();
    if (row === undefined) throw new SafelightError('not_found', `There is no policy for a collection "${collection.name}".`);
    requirePolicyVersion(row.version, input.ifMatch);
    const before = rulesOf(row.rules);
    const changed = changedKeys(before, after);
    if (changed.length === 0) return policyOf(row);
    const now = ctx.site.clock.now();
    const existing = input.reviewExisting ?? 'review';
    const turnsOn = after.photoReviewEnabled && !before.photoReviewEnabled;
    const written = await tx
      .updateTable('policy')
      .set((eb) => ({ rules: JSON.stringify(after), version: eb('version', '+', 1), updated_at: now, updated_by: ctx.actor.id }))
      .where('collection', '=', collection.name)
      .returningAll()
      .executeTakeFirstOrThrow();
    await tx
      .insertInto('policy_change')
      .values({
        id: randomUUIDv7(),
        collection: collection.name,
        at: now,
        changed_by: ctx.actor.id,
        before: JSON.stringify(before),
        after: JSON.stringify(after),
        existing: turnsOn ? existing : null,
      })
      .execute();
    await followPolicy(ctx, tx, { collection: collection.name, before, after, changed, existing }, ctx.actor.id);
    return policyOf(written);
  });
}

export const policyETag = ({ version }: Pick<Policy, 'version'>): string => `"p${version}"`;

function requirePolicyVersion(version: number, ifMatch: string | undefined): void {
  const etag = policyETag({ version });
  if (isMeantFor(ifMatch, etag)) return;
  throw new SafelightError('precondition_failed', 'Somebody else changed this policy since you last read it. Read it again, and decide on what is there now.', {
    headers: { etag },
  });
}
