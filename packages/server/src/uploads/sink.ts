/** Where the bytes of one request go while it holds a resumable upload. */
export type Sink = {
  /** Takes bytes that follow; resolves when there is room for more. */
  take(bytes: Buffer): Promise<void>;
  /** Makes the received bytes durable, advances the upload's offset past them and returns it. Bytes with a checksum are kept only by this call. */
  keep(isWhole: boolean): Promise<number>;
  /** Must be called once, on every path. */
  close(): Promise<void>;
};
