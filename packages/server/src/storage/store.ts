import type { Readable, Writable } from 'node:stream';
import type { Provider } from './locator.ts';

/**
 * The port to a place that keeps objects. Adapters implement the provider's protocol and know nothing of the product: a key is an opaque string here,
 * without purpose, role or order.
 *
 * Guarantees of every adapter (one conformance suite checks them):
 * - `put` is atomic: a reader sees the whole object or none, also after a crash; it resolves only when the bytes are durable.
 * - `delete` of a missing object succeeds.
 * - a missing object is `null` from `head` and `get`, never an error; an unreachable store is `storage_unavailable`.
 * - every call ends when its `signal` aborts, and leaves no connection, descriptor or temporary file behind.
 */
export type Store = {
  readonly provider: Provider;
  readonly location: string;
  readonly capabilities: Capabilities;
  /** Also replaces: without `ifAbsent` the latest whole object wins. */
  put(key: string, body: Body, options: PutOptions): Promise<StoredObject>;
  get(key: string, options?: GetOptions): Promise<StoredStream | null>;
  head(key: string, options?: CallOptions): Promise<StoredObject | null>;
  /** Deletes many; the result names those that could not be deleted, for a retry. */
  delete(keys: readonly string[], options?: CallOptions): Promise<DeleteResult>;
  /**
   * Keys in ascending order (`capabilities.listOrder`), in pages. Pass a page's `cursor` to get the next page; it is null at the end. A page may hold
   * fewer than `limit`. A listing is not a snapshot: confirm with `head` before calling an object missing.
   */
  list(options: ListOptions): Promise<ListPage>;
  /** Copies within this store; a missing source is `not_found`. */
  copy(from: string, to: string, options?: CallOptions & { ifAbsent?: boolean }): Promise<StoredObject>;
  /** Checks that the store can be reached and written to; throws `storage_unavailable` with the reason. */
  check(options?: CallOptions): Promise<void>;
  close(): Promise<void>;

  /** A URL that a client can `PUT` one object to. Present when `capabilities.presignedPut` is not `none`. */
  presignPut?(key: string, options: PresignPutOptions): Promise<PresignedRequest>;
  /** A URL that a client can `GET` one object from. Present when `capabilities.presignedGet`. */
  presignGet?(key: string, options: PresignGetOptions): Promise<string>;
  /** Multipart uploads. Present when `capabilities.multipart` is not null. */
  multipart?: Multipart;
  /** Objects that grow at their end. Present where that costs less than parts; `multipart.abortAll` removes unfinished ones. */
  append?: Append;
  /** Objects that are durable before they have a name. Present where a crash in between loses nothing. */
  unnamed?: Unnamed;
  /**
   * Writes what `get` would return to a stream and ends it, with less work. `begin` is called for the stream once the object is open and its first
   * bytes are read; a later failure destroys the stream. The stream must be done with a chunk when it calls back, as sockets are and a `PassThrough`
   * is not: buffers are reused. Present where the store reads the bytes itself.
   */
  send?(key: string, begin: () => Writable, options?: GetOptions): Promise<StoredObject | null>;
  /**
   * The whole of a small object that is read again and again, from memory; null when it is not kept, does not have this digest, or is missing: then
   * `get` or `send` answers. The bytes belong to the store. Added by `keepSmall`.
   */
  recall?(key: string, recalled: Recalled): Promise<Buffer | null>;
  /** The local path of an object, for programs that read files. Present when `capabilities.localPath`. */
  localPath?(key: string): Promise<string>;
  /** A URL under which anybody can read the object, if one is configured. */
  publicUrl?(key: string): string | null;
  /** The key that a provider URL of this store names, or null when the URL is not of this store. */
  parseUrl?(url: URL): string | null;
};

export type Capabilities = {
  /** `direct`: the provider takes the client's PUT; `served`: Safelight serves it under `/storage/*`; `none`. */
  presignedPut: 'direct' | 'served' | 'none';
  presignedGet: boolean;
  /** Whether a presigned GET can also set `Cache-Control`; otherwise `cacheControl` is ignored. */
  presignedCacheControl: boolean;
  /** Whether a presigned PUT can bind the exact size, the content type, and creation only. What it cannot bind is checked at completion. */
  binds: { size: boolean; type: boolean; createOnly: boolean };
  conditionalCreate: boolean;
  /**
   * `minPartBytes` binds every part but the last; `equalParts`: every part but the last has the same size. `partsOnly`: the URL of a part accepts
   * that part and nothing else; otherwise a client that holds one can replace the finished object.
   */
  multipart: null | { minPartBytes: number; maxParts: number; equalParts: boolean; partsOnly: boolean };
  /** Which checksum the provider itself verifies on `put`, if any. */
  checksum: 'sha256' | 'crc32c' | 'md5' | null;
  localPath: boolean;
  /**
   * `bytes`: the order of UTF-8 (`compareKeys`, Postgres `collate "C"`). `utf16`: the same, except that U+10000 and above come before U+E000–U+FFFF.
   * Code that merges a listing with a sorted list confirms by key before it calls anything missing or unknown.
   */
  listOrder: 'bytes' | 'utf16';
  /** Whether `head` and `get` return the content type given to `put`; otherwise they return null, and only the ledger knows it. */
  keepsContentType: boolean;
};

/**
 * A stream, or bytes. A function is called again for a retry, so prefer it wherever the source can be opened twice. A stream that is passed in still
 * belongs to the caller: a refusal leaves it unread (so that an HTTP answer can still be sent), and only an aborted `signal` destroys it. The store
 * always ends a stream that a function opened.
 */
export type Body = Readable | Buffer | (() => Readable);

export type CallOptions = { signal?: AbortSignal };
export type PutOptions = CallOptions & {
  contentType: string;
  /** Known length in bytes; a body that is longer or shorter fails with `upload_incomplete` and leaves no object. */
  bytes?: number;
  /** Refuses with `file_too_large` once more than this has arrived; leaves no object. */
  maxBytes?: number;
  /** Hex; a different digest fails with `checksum_mismatch` and leaves no object. */
  sha256?: string;
  /** Create only: fails with `conflict` when the key exists. A retry after a lost answer succeeds. */
  ifAbsent?: boolean;
  onProgress?: (bytes: number) => void;
};
export type GetOptions = CallOptions & {
  /** Inclusive byte range, as in HTTP: an `end` past the object is cut, a `start` past it is `invalid_request`. */
  range?: { start: number; end: number };
};
/** An object as its ledger row describes it; `sha256` in hex. */
export type Recalled = CallOptions & { bytes: number; sha256: string };
/** `crc32` is set when the bytes have just passed. */
export type StoredObject = {
  key: string;
  bytes: number;
  contentType: string | null;
  etag: string | null;
  sha256: string | null;
  crc32?: number;
  modifiedAt: Date;
};
/** `bytes` is the size of the whole object even when `body` is a range of it. The caller reads or destroys the stream. */
export type StoredStream = StoredObject & { body: Readable };
export type DeleteResult = { deleted: string[]; failed: { key: string; reason: string }[] };
export type ListOptions = CallOptions & { prefix?: string; cursor?: string; limit?: number };
export type ListPage = { objects: Pick<StoredObject, 'key' | 'bytes' | 'modifiedAt' | 'etag'>[]; cursor: string | null };
export type PresignPutOptions = { contentType: string; bytes?: number; sha256?: string; expiresInSeconds: number };
export type PresignGetOptions = { expiresInSeconds: number; contentType?: string; contentDisposition?: string; cacheControl?: string };
export type PresignedRequest = { method: 'PUT'; url: string; headers: Record<string, string>; expiresAt: Date };

export type UploadedPart = { partNumber: number; etag: string; bytes: number };
export type Multipart = {
  /** Begins an upload and returns the provider's upload id. */
  create(key: string, options: CallOptions & { contentType: string }): Promise<string>;
  /** A URL that a client can `PUT` one part to. Present when `capabilities.presignedPut` is `direct`. */
  signPart?(key: string, uploadId: string, part: { partNumber: number; bytes?: number; expiresInSeconds: number }): Promise<PresignedRequest>;
  /** The part is held in memory meanwhile, so that it can be sent again. */
  putPart(key: string, uploadId: string, partNumber: number, body: Body, options: CallOptions & { bytes: number }): Promise<UploadedPart>;
  /** Every part that arrived, in order, past any page limit of the provider; null when the upload is unknown (aborted or complete). */
  listParts(key: string, uploadId: string, options?: CallOptions): Promise<UploadedPart[] | null>;
  /** Joins the parts. A missing or different part fails with `upload_incomplete` and is named; repeating after success succeeds. */
  complete(key: string, uploadId: string, parts: readonly Pick<UploadedPart, 'partNumber' | 'etag'>[], options?: CallOptions): Promise<StoredObject>;
  abort(key: string, uploadId: string, options?: CallOptions): Promise<void>;
  /** Aborts every unfinished upload to a key: for the sweeper, whose ledger row has the key but not the upload ids of a crashed writer. */
  abortAll(key: string, options?: CallOptions): Promise<void>;
};

/**
 * Bytes that are written first and get their name later, so that one transaction between the two can tell of them. Once that has committed, they are
 * the object: whoever asks for it under its key finds it, and gives it the name if its writer has died or is not that far yet. Before that nobody may
 * ask. An object that has the name already stays, and what was left without one is not asked for. `delete` removes the bytes with the name or without, and no late `publish` brings them back.
 */
export type Unnamed = {
  /** Resolves when the bytes are durable; `conflict` where there are bytes without a name for this key already, of whomever; null, with nothing written or read, for a key that is too long to lead to them: `put` takes it. */
  put(key: string, pieces: readonly Buffer[], options: Omit<PutOptions, 'ifAbsent'>): Promise<StoredObject | null>;
  /** Gives the name; only for bytes of which a transaction tells. Repeating succeeds, and does nothing after `delete`. */
  publish(key: string): Promise<void>;
  /** Removes bytes without a name; not those that have it. */
  discard(key: string): Promise<void>;
  /** What has no name yet, of writers at work and of dead ones: for the sweeper. */
  list(): Promise<{ key: string; modifiedAt: Date }[]>;
};

/** An object that grows at its end and stays invisible until it is finished. Only one writer may append at a time. */
export type Append = {
  /** Creates an id. Nothing is written yet. */
  begin(key: string): string;
  /** Continues after the first `offset` bytes, which have to be durable; bytes behind them are dropped. */
  open(key: string, uploadId: string, offset: number): Promise<Appender>;
  /** Gives the first `bytes` a new id, under which the upload continues: a writer with the old id can no longer change it. */
  fork(key: string, uploadId: string, bytes: number): Promise<string>;
  /** Makes the first `bytes`, which have to be durable, the object under the key. Repeating after success succeeds. */
  finish(key: string, uploadId: string, bytes: number): Promise<StoredObject>;
};
export type Appender = {
  /** Takes ownership of the bytes: nobody else may read or change them any more. Resolves when there is room for more. */
  write(bytes: Buffer): Promise<void>;
  /** Resolves when everything written before is durable. */
  sync(): Promise<void>;
  /** Must be called once, on every path. */
  close(): Promise<void>;
};
