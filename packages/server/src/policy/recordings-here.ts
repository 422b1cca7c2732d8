import { deliversSource, type CollectionConfig } from './collection.ts';

/** The engine's limits on recordings on this machine; null when only the general rules apply. */
export type RecordingsHere = { longestMs: number | null; mostBytes: number | null };

/**
 * Whether the recordings of a collection have to be read: when readers get the file itself, one that is too large for this machine is accepted all
 * the same.
 */
export const isReadHere = (collection: Pick<CollectionConfig, 'kinds' | 'visibility'>): boolean =>
  (collection.kinds.includes('video') || collection.kinds.includes('audio')) && !deliversSource(collection);
