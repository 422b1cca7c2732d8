import type { Readable, Writable } from 'node:stream';
import type { Provider } from './locator.ts';

/**
 * What Safelight needs from a place that keeps objects. Adapters own the provider's protocol and nothing of the product:
 * a key is an opaque string here, and purpose, roles and order never enter.
 *
 * Promises that every adapter keeps (one conformance suite checks them):
 * - `put` is atomic: a reader sees the whole object or none, also after a crash; it resolves only when the bytes are durable.
 * - `delete` of what is not there succeeds.
 * - a missing object is `null` from `head` and `get`, never an error; an unreachable store is `storage_unavailable`.
 * - every call ends when its `signal` aborts, and leaves no connection, descriptor or temporary file behind.
 */
export type Store = {
  readonly provider: Provider;
  readonly location: string;
  readonly capabilities: Capabilities;
  /** Also replaces: without `ifAbsent` the newest whole object wins. */
  put(key: string, body: Body, options: PutOptions): Promise<StoredObject>;
  get(key: string, options?: GetOptions): Promise<StoredStream | null>;
  head(key: string, options?: CallOptions): Promise<StoredObject | null>;
  /** Deletes many; the answer names those that could not be deleted, so that they can be tried again. */
  delete(keys: readonly string[], options?: CallOptions): Promise<DeleteResult>;
  /**
   * Keys in ascending order (`capabilities.listOrder`), in pages; `cursor` of a page continues after it, null when there is no more.
   * A page may hold fewer than `limit`. A listing is not a snapshot: confirm with `head` before calling an object missing.
   */
  list(options: ListOptions): Promise<ListPage>;
  /** Copies within this store; a missing source is `not_found`. */
  copy(from: string, to: string, options?: CallOptions & { ifAbsent?: boolean }): Promise<StoredObject>;
  /** Checks that the store can be reached and written to; throws `storage_unavailable` with a sentence that says what is wrong. */
  check(options?: CallOptions): Promise<void>;
  close(): Promise<void>;

  /** A URL that a client can `PUT` one object to. Present when `capabilities.presignedPut` is not `none`. */
  presignPut?(key: string, options: PresignPutOptions): Promise<PresignedRequest>;
  /** A URL that a client can `GET` one object from. Present when `capabilities.presignedGet`. */
  presignGet?(key: string, options: PresignGetOptions): Promise<string>;
  /** Multipart uploads. Present when `capabilities.multipart` is not null. */
  multipart?: Multipart;
  /** Objects that grow at their end. Present where that costs less than parts; `multipart.abortAll` removes what was never finished. */
  append?: Append;
  /**
   * Writes what `get` would answer to a stream and ends it, with less work. `begin` is asked for the stream when the object is open
   * and its first bytes are read; a failure after that destroys the stream. It must be one that is done with a chunk when it calls
   * back, as sockets are and a `PassThrough` is not: chunks are used again. Present where the store reads the bytes itself.
   */
  send?(key: string, begin: () => Writable, options?: GetOptions): Promise<StoredObject | null>;
  /** The path of an object on this machine, for readers that take one. Present when `capabilities.localPath`. */
  localPath?(key: string): string;
  /** A URL under which anybody can read the object, where the store is configured to have one. */
  publicUrl?(key: string): string | null;
  /** The key that a provider URL of this store names, or null when it is not a URL of this store. */
  parseUrl?(url: URL): string | null;
};

export type Capabilities = {
  /** `direct`: the provider takes the client's PUT; `served`: Safelight serves it under `/storage/*`; `none`. */
  presignedPut: 'direct' | 'served' | 'none';
  presignedGet: boolean;
  /** Whether a presigned GET can also say `Cache-Control`; where it cannot, `cacheControl` is ignored. */
  presignedCacheControl: boolean;
  /** Whether a presigned PUT can bind the exact size, the content type, and creation only. What cannot be bound is checked at completion. */
  binds: { size: boolean; type: boolean; createOnly: boolean };
  conditionalCreate: boolean;
  /**
   * `minPartBytes` binds every part but the last; `equalParts`: every part but the last has the same size. `partsOnly`: the URL of a part
   * takes that part and nothing else; where it does not, a client that holds one can put another object in the place of the finished one.
   */
  multipart: null | { minPartBytes: number; maxParts: number; equalParts: boolean; partsOnly: boolean };
  /** Which checksum the provider itself verifies on `put`, if any. */
  checksum: 'sha256' | 'crc32c' | 'md5' | null;
  localPath: boolean;
  /**
   * `bytes`: as UTF-8 is ordered (`compareKeys`, Postgres `collate "C"`). `utf16`: the same, except that U+10000 and above come before
   * U+E000–U+FFFF. Code that merges a listing with a sorted list confirms by key before it calls anything missing or unknown.
   */
  listOrder: 'bytes' | 'utf16';
  /** Whether `head` and `get` answer the content type given to `put`; otherwise they answer null and the ledger is the one that knows. */
  keepsContentType: boolean;
};

/**
 * A stream, or bytes. A function is called again for a retry, so prefer it wherever the source can be opened twice.
 * A stream that is handed over belongs to its giver: a refusal leaves it undrained (so that an HTTP answer can still be sent), only an
 * aborted `signal` destroys it. A stream that a function opened is always ended by the store.
 */
export type Body = Readable | Buffer | (() => Readable);

export type CallOptions = { signal?: AbortSignal };
export type PutOptions = CallOptions & {
  contentType: string;
  /** Known length in bytes; a body that is longer or shorter fails with `upload_incomplete` and leaves no object. */
  bytes?: number;
  /** Refuse with `file_too_large` once more than this has come; leaves no object. */
  maxBytes?: number;
  /** Hex; a different digest fails with `checksum_mismatch` and leaves no object. */
  sha256?: string;
  /** Create only: fails with `conflict` when the key exists. Our own lost answer is recognised as success. */
  ifAbsent?: boolean;
  onProgress?: (bytes: number) => void;
};
export type GetOptions = CallOptions & {
  /** Inclusive byte range, as in HTTP: an `end` past the object is cut, a `start` past it is `invalid_request`. */
  range?: { start: number; end: number };
};
/** `crc32` where the bytes have just passed. */
export type StoredObject = {
  key: string;
  bytes: number;
  contentType: string | null;
  etag: string | null;
  sha256: string | null;
  crc32?: number;
  modifiedAt: Date;
};
/** `bytes` is the size of the whole object also when `body` is a range of it. The taker of the stream reads or destroys it. */
export type StoredStream = StoredObject & { body: Readable };
export type DeleteResult = { deleted: string[]; failed: { key: string; reason: string }[] };
export type ListOptions = CallOptions & { prefix?: string; cursor?: string; limit?: number };
export type ListPage = { objects: Pick<StoredObject, 'key' | 'bytes' | 'modifiedAt' | 'etag'>[]; cursor: string | null };
export type PresignPutOptions = { contentType: string; bytes?: number; sha256?: string; expiresInSeconds: number };
export type PresignGetOptions = { expiresInSeconds: number; contentType?: string; contentDisposition?: string; cacheControl?: string };
export type PresignedRequest = { method: 'PUT'; url: string; headers: Record<string, string>; expiresAt: Date };

export type UploadedPart = { partNumber: number; etag: string; bytes: number };
export type Multipart = {
  /** Begins; the answer is the provider's upload id. */
  create(key: string, options: CallOptions & { contentType: string }): Promise<string>;
  /** A URL that a client can `PUT` one part to. Present when `capabilities.presignedPut` is `direct`. */
  signPart?(key: string, uploadId: string, part: { partNumber: number; bytes?: number; expiresInSeconds: number }): Promise<PresignedRequest>;
  /** The part is held in memory meanwhile, so that it can be sent again. */
  putPart(key: string, uploadId: string, partNumber: number, body: Body, options: CallOptions & { bytes: number }): Promise<UploadedPart>;
  /** Every part that arrived, in order, past any page limit of the provider; null when the upload is not known (aborted or complete). */
  listParts(key: string, uploadId: string, options?: CallOptions): Promise<UploadedPart[] | null>;
  /** Joins the parts. A missing or different part fails with `upload_incomplete` naming it; repeating after success succeeds. */
  complete(key: string, uploadId: string, parts: readonly Pick<UploadedPart, 'partNumber' | 'etag'>[], options?: CallOptions): Promise<StoredObject>;
  abort(key: string, uploadId: string, options?: CallOptions): Promise<void>;
  /** Aborts every unfinished upload to a key: for a sweeper, whose ledger row names the key but not what a crashed writer had begun. */
  abortAll(key: string, options?: CallOptions): Promise<void>;
};

/** An object that grows at its end and is seen by nobody until it is finished. What one writer adds, no other may add at the same time. */
export type Append = {
  /** The id of a new one. Nothing is written yet. */
  begin(key: string): string;
  /** Goes on behind the first `offset` bytes, which have to be durable; what lies behind them is dropped. */
  open(key: string, uploadId: string, offset: number): Promise<Appender>;
  /** Gives the first `bytes` another id, under which it goes on: a writer that still has the old one changes nothing of it. */
  fork(key: string, uploadId: string, bytes: number): Promise<string>;
  /** Makes the first `bytes`, which have to be durable, the object under the key. Repeating after success succeeds. */
  finish(key: string, uploadId: string, bytes: number): Promise<StoredObject>;
};
export type Appender = {
  /** Takes bytes, which are its own from then on: nobody else reads or changes them any more. Resolves when there is room for more. */
  write(bytes: Buffer): Promise<void>;
  /** Resolves when all that was written before is durable. */
  sync(): Promise<void>;
  /** To be called once, on every path. */
  close(): Promise<void>;
};
