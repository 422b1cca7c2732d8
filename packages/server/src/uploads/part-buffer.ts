/** Where the bytes of one part are collected. */
export type PartBuffer = {
  /** Copies what fits and returns the rest. */
  add(chunk: Buffer): Buffer;
  isFull(): boolean;
  /** The collected bytes; valid until something is added after `clear`. */
  bytes(): Buffer;
  clear(): void;
};

const leastBytes = 65_536;

/**
 * One block that collects the parts of a request one after the other. Chunks are copied out on arrival, so they die young: keeping them until a part
 * is full would cost more in garbage collection than everything else done with the bytes. The block grows with what really arrives, so that many slow
 * clients hold little memory.
 */
export function createPartBuffer(partBytes: number): PartBuffer {
  let block = Buffer.alloc(0);
  let length = 0;
  const grow = (wanted: number): void => {
    if (wanted <= block.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.min(partBytes, Math.max(wanted, leastBytes, block.length * 2)));
    block.copy(larger, 0, 0, length);
    block = larger;
  };
  return {
    add(chunk) {
      const fits = Math.min(chunk.length, partBytes - length);
      grow(length + fits);
      chunk.copy(block, length, 0, fits);
      length += fits;
      return chunk.subarray(fits);
    },
    isFull: () => length === partBytes,
    bytes: () => block.subarray(0, length),
    clear: () => void (length = 0),
  };
}
