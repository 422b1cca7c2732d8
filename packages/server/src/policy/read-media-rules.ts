import type { MediaRules } from '@safelight/contract/media-rules';
import { typeMatches } from '@safelight/contract/type-names';

import type { DataSite } from '../lib/context.ts';
import { collectionNamed, type CollectionConfig, type Collections } from './collection.ts';
import { policyOf } from './read-policy.ts';
import { isReadHere, type RecordingsHere } from './recordings-here.ts';
import { unavailableIn, type UnavailableType } from './unavailable-types.ts';

export type RulesSite = Pick<DataSite, 'db'> & {
  collections: Collections;
  unavailableTypes: readonly UnavailableType[];
  /** The engine's limits on recordings on this machine. */
  recordingsHere?: RecordingsHere | undefined;
};

/** The current upload rules of one collection, or of all declared ones. */
export async function readMediaRules(ctx: { site: RulesSite }, input: { collection?: string | undefined }): Promise<MediaRules[]> {
  if (input.collection !== undefined) collectionNamed(ctx.site.collections, input.collection);
  const names = input.collection === undefined ? [...ctx.site.collections.keys()] : [input.collection];
  const rows = await ctx.site.db.selectFrom('policy').selectAll().where('collection', 'in', names).orderBy('collection').execute();
  return rows.map((row) => mediaRulesOf(policyOf(row), collectionNamed(ctx.site.collections, row.collection), ctx));
}

function mediaRulesOf(
  policy: ReturnType<typeof policyOf>,
  collection: CollectionConfig,
  { site: { unavailableTypes, recordingsHere } }: { site: Pick<RulesSite, 'unavailableTypes' | 'recordingsHere'> },
): MediaRules {
  const { photoReviewProvider: _, updatedAt: __, updatedBy: ___, ...values } = policy;
  return {
    ...values,
    maxDurationMs: isReadHere(collection) ? lesser(values.maxDurationMs, recordingsHere?.longestMs ?? null) : values.maxDurationMs,
    maxRecordingBytes: isReadHere(collection) ? (recordingsHere?.mostBytes ?? null) : null,
    collection: collection.name,
    entityType: collection.entityType,
    kinds: collection.kinds,
    purposes: collection.purposes,
    ingest: collection.ingest,
    isDefault: collection.isDefault === true,
    unavailableTypes: unavailableIn(collection, unavailableTypes).filter(({ type }) => policy.acceptedTypes.some((accepted) => typeMatches(accepted, type))),
  };
}

const lesser = (one: number | null, other: number | null): number | null => (one === null ? other : Math.min(one, other ?? one));
