import { open } from 'node:fs/promises';

import type { BoxFacts } from './read-boxes.ts';

/** No honest file has more before its samples. */
const mostChunks = 1000;
/** Programs that write to a pipe, and so do not know the length, say zero or from about two gigabytes on. */
const unknownFrom = 2 ** 31 - 2 ** 16;

/**
 * Reads whether the samples of a WAV end before its header says so. ffmpeg cannot tell: it takes the samples that are there for all, and the last
 * ones of a WAV that was written to a pipe for broken.
 */
export async function readWavFacts(path: string): Promise<BoxFacts> {
  const plain = { isFragmented: false, isFastStart: true, isHeadless: false, sampleDescriptions: 1 };
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const head = Buffer.alloc(24);
    let long: number | null = null;
    for (let at = 12, chunks = 0; at + 8 <= size && chunks < mostChunks; chunks++) {
      await file.read(head, 0, head.length, at);
      const [type, said] = [head.toString('latin1', 0, 4), head.readUInt32LE(4)];
      // The sizes of a file that may be larger than four gigabytes stand apart.
      if (type === 'ds64') long = Number(head.readBigUInt64LE(16));
      if (type === 'data') return { ...plain, isCut: at + 8 + (long ?? (said < unknownFrom ? said : 0)) > size };
      at += 8 + said + (said % 2);
    }
    return { ...plain, isCut: false };
  } finally {
    await file.close();
  }
}
