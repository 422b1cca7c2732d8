/** Where the bytes of one part are collected. */
export type PartBuffer = {
  /** Takes what fits and answers what is left over. */
  add(chunk: Buffer): Buffer;
  isFull(): boolean;
  /** What has been collected; valid until something is added after `clear`. */
  bytes(): Buffer;
  clear(): void;
};

const leastBytes = 65_536;

/**
 * One block that each part of a request is collected in after the other. Chunks are copied out as they come, so they die young: kept until
 * a part is full, the collector of garbage costs more than all else that is done with the bytes. The block grows with what
 * really comes, so that many slow clients hold little.
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
