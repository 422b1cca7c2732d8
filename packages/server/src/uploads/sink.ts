import type { StoredObject } from '../storage/store.ts';

/** A file up to this size is put when it comes in one piece, which costs less than a growing one. */
export const smallBytes = 1 << 20;

/** The offset after what was kept, and the object where the whole upload was stored at once. */
export type Kept = { offset: number; stored?: StoredObject };

/** Where the bytes of one request go while it holds a resumable upload. */
export type Sink = {
  /** Takes bytes that follow; resolves when there is room for more. */
  take(bytes: Buffer): Promise<void>;
  /** Makes the received bytes durable and advances the upload's offset past them. Bytes with a checksum are kept only by this call. */
  keep(isWhole: boolean): Promise<Kept>;
  /** Must be called once, on every path. */
  close(): Promise<void>;
};
