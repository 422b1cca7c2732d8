import type { Readable } from 'node:stream';

import { sniffBytes } from '../filetypes/sniff.ts';
import { readSoon } from './read-soon.ts';

/**
 * The first bytes of a body, and the whole: in pieces if it ended with them, or if its rest comes in a moment and it has at most so many; else the
 * stream with them put back in front.
 */
export type Split = { head: Buffer; whole(mostBytes: number): Promise<Buffer[] | Readable> };
export type HeadReader = () => Promise<Split>;

/** Reads the head once, however often it is called. */
export function readHeadOf(body: Readable): HeadReader {
  let split: Promise<Split> | undefined;
  return async () => await (split ??= splitHead(body));
}

async function splitHead(body: Readable): Promise<Split> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Buffer;
    chunks.push(bytes);
    length += bytes.length;
    if (length >= sniffBytes) break;
  }
  const read = Buffer.concat(chunks, length);
  const head = read.subarray(0, sniffBytes);
  let all: Buffer[] | null = length < sniffBytes || body.readableEnded ? [read] : null;
  if (all === null) body.unshift(read);
  return {
    head,
    async whole(mostBytes) {
      if (all !== null || mostBytes === 0) return all ?? body;
      const begun = await readSoon(body, mostBytes);
      if (body.readableEnded) return (all = begun);
      body.unshift(Buffer.concat(begun));
      return body;
    },
  };
}
