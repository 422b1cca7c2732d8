/** Where the bytes of one request go while it holds a resumable upload. */
export type Sink = {
  /** Takes bytes that follow; resolves when there is room for more. */
  take(bytes: Buffer): Promise<void>;
  /** Makes durable what has come, moves the offset of the upload behind it, and answers that. Bytes that came with a checksum are kept by this alone. */
  keep(isWhole: boolean): Promise<number>;
  /** To be called once, on every path. */
  close(): Promise<void>;
};
