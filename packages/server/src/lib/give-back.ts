const leastGivenBack = 16_384;

/**
 * Frees the memory of bytes at once that nobody reads any more. To the garbage collector a gigabyte of chunks is a few thousand small objects, so it would
 * run late, and the next chunk would be read into cold memory. Only for what came from a socket, and so belongs to nobody else; memory that is shared with
 * something else is left alone.
 */
export function giveBack(chunks: readonly Buffer[]): void {
  for (const { buffer, length } of chunks) if (buffer instanceof ArrayBuffer && buffer.byteLength === length && length >= leastGivenBack) buffer.transfer(0);
}
