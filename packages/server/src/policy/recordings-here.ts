import { deliversSource, type CollectionConfig } from './collection.ts';

/** What the engine of this machine takes at most of a recording; null where only the rules of everybody hold. */
export type RecordingsHere = { longestMs: number | null; mostBytes: number | null };

/** Whether the recordings of a collection have to be read: where readers get the file itself, one that is too large for this machine is taken all the same. */
export const isReadHere = (collection: Pick<CollectionConfig, 'kinds' | 'visibility'>): boolean =>
  (collection.kinds.includes('video') || collection.kinds.includes('audio')) && !deliversSource(collection);
