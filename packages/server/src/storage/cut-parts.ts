/** Cuts chunks into parts of exactly `partBytes`, the last one shorter; at least one part, which may be empty. Holds one part at a time. */
export async function* cutParts(chunks: AsyncIterable<Buffer>, partBytes: number): AsyncGenerator<Buffer, void> {
  let held: Buffer[] = [];
  let heldBytes = 0;
  let any = false;
  for await (let chunk of chunks) {
    while (heldBytes + chunk.length >= partBytes) {
      const head = chunk.subarray(0, partBytes - heldBytes);
      chunk = chunk.subarray(head.length);
      any = true;
      yield join([...held, head]);
      held = [];
      heldBytes = 0;
    }
    if (chunk.length > 0) {
      held.push(chunk);
      heldBytes += chunk.length;
    }
  }
  if (heldBytes > 0 || !any) yield join(held);
}

const join = (pieces: Buffer[]): Buffer => (pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces));
