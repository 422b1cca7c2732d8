import type { MediaRules } from '@safelight/contract/media-rules';
import { typeMatches } from '@safelight/contract/type-names';

import type { Context } from '../lib/context.ts';
import { collectionNamed, type CollectionConfig, type Collections } from './collection.ts';
import { policyOf } from './read-policy.ts';
import { unavailableIn, type UnavailableType } from './unavailable-types.ts';

export type RulesContext = Pick<Context, 'db'> & { collections: Collections; unavailableTypes: readonly UnavailableType[] };

/** The live upload values: of one collection, or of every declared one. */
export async function readMediaRules(ctx: RulesContext, input: { collection?: string | undefined }): Promise<MediaRules[]> {
  if (input.collection !== undefined) collectionNamed(ctx.collections, input.collection);
  const names = input.collection === undefined ? [...ctx.collections.keys()] : [input.collection];
  const rows = await ctx.db.selectFrom('policy').selectAll().where('collection', 'in', names).orderBy('collection').execute();
  return rows.map((row) => mediaRulesOf(policyOf(row), collectionNamed(ctx.collections, row.collection), ctx.unavailableTypes));
}

function mediaRulesOf(policy: ReturnType<typeof policyOf>, collection: CollectionConfig, unavailableTypes: readonly UnavailableType[]): MediaRules {
  const { photoReviewProvider: _, updatedAt: __, updatedBy: ___, ...values } = policy;
  return {
    ...values,
    collection: collection.name,
    entityType: collection.entityType,
    kinds: collection.kinds,
    purposes: collection.purposes,
    ingest: collection.ingest,
    isDefault: collection.isDefault === true,
    unavailableTypes: unavailableIn(collection, unavailableTypes).filter(({ type }) => policy.acceptedTypes.some((accepted) => typeMatches(accepted, type))),
  };
}
