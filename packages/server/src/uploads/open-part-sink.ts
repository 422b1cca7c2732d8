import { flushPart, flushTail, readTail, type Durable } from './durable-bytes.ts';
import { createPartBuffer } from './part-buffer.ts';
import type { Sink } from './sink.ts';

/** Turns bytes into parts at the provider, one after the other; a rest too small for a part waits in an object of its own. */
export async function openPartSink(durable: Durable, limit: number): Promise<Sink> {
  const part = createPartBuffer(durable.session.part_bytes ?? limit);
  const take = async (bytes: Buffer): Promise<void> => {
    for (let rest = bytes; rest.length > 0;) {
      rest = part.add(rest);
      if (!part.isFull()) continue;
      await flushPart(durable, part.bytes());
      part.clear();
    }
  };
  await take(await readTail(durable));
  return {
    take,
    async keep(isWhole) {
      durable.isProvisional = false;
      return { offset: isWhole ? await flushPart(durable, part.bytes()) : await flushTail(durable, part.bytes()) };
    },
    close: async () => undefined,
  };
}
