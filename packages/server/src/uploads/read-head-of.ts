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
  const begun: Buffer[] = [];
  let length = 0;
  for await (const chunk of body.iterator({ destroyOnReturn: false })) {
    const bytes = chunk as Buffer;
    begun.push(bytes);
    length += bytes.length;
    if (length >= sniffBytes) break;
  }
  const [first = Buffer.alloc(0)] = begun;
  const head = (begun.length === 1 ? first : Buffer.concat(begun, length)).subarray(0, sniffBytes);
  let all: Buffer[] | Readable | null = length < sniffBytes || body.readableEnded ? begun : null;
  return {
    head,
    async whole(mostBytes) {
      if (all !== null) return all;
      const pieces = mostBytes === 0 ? begun : [...begun, ...(await readSoon(body, mostBytes - length))];
      if (body.readableEnded) return (all = pieces);
      body.unshift(pieces.length === 1 ? first : Buffer.concat(pieces));
      return (all = body);
    },
  };
}
