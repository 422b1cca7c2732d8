import { deliversSource, type CollectionConfig } from './collection.ts';

/** A type that this machine or build cannot decode, and why: its codec or its program is missing. */
export type UnavailableType = { type: string; reason: string };

/** Those that matter to a collection: files that it only keeps and delivers unchanged need no codec. */
export function unavailableIn(collection: Pick<CollectionConfig, 'image' | 'visibility'>, unavailable: readonly UnavailableType[]): UnavailableType[] {
  if (deliversSource(collection)) return [];
  return unavailable.filter(({ type }) => !type.startsWith('image/') || collection.image !== null);
}
