import { deliversSource, type CollectionConfig } from './collection.ts';

/** A type that this machine or build cannot decode, and why: without its codec, or without the program that would. */
export type UnavailableType = { type: string; reason: string };

/** Those that matter to a collection: what it only keeps and hands out as it is needs no codec. */
export function unavailableIn(collection: Pick<CollectionConfig, 'image' | 'visibility'>, unavailable: readonly UnavailableType[]): UnavailableType[] {
  if (deliversSource(collection)) return [];
  return unavailable.filter(({ type }) => !type.startsWith('image/') || collection.image !== null);
}
