import type { OutgoingHttpHeaders } from 'node:http';
import type { Writable } from 'node:stream';

import type { FastifyReply } from 'fastify';

import type { Delivery } from '../delivery/find-delivery.ts';
import { lost, openBytes } from '../delivery/open-bytes.ts';
import type { ByteRange } from '../delivery/range.ts';
import type { Store } from '../storage/store.ts';
import type { RequestContext } from './request-context.ts';
import { isCallerGone } from './request-signals.ts';

/** Sends a delivery, or one range of it, under the headers that the reply has: from memory, by the store itself, or as a stream. */
export async function sendBytes(ctx: RequestContext, reply: FastifyReply, store: Store, delivery: Delivery, range?: ByteRange): Promise<FastifyReply> {
  const begin = (): Writable => {
    reply.hijack();
    // The framework's header type includes names that only requests have.
    return reply.raw.writeHead(reply.statusCode, reply.getHeaders() as OutgoingHttpHeaders);
  };
  const kept = await recall(ctx, store, delivery);
  if (kept !== null) {
    ctx.signal.throwIfAborted();
    begin().end(range === undefined ? kept : kept.subarray(range.start, range.end + 1));
    return reply;
  }
  // Bytes appended for one buyer are in no store, so the store cannot send them.
  if (store.send === undefined || delivery.tail !== undefined) return reply.send(await openBytes(ctx, delivery, range));
  try {
    const sent = await store.send(delivery.locator.key, begin, { signal: ctx.signal, ...(range === undefined ? {} : { range }) });
    if (sent === null) throw lost(delivery);
  } catch (error) {
    if (!reply.sent) throw error;
    if (!ctx.signal.aborted && !isCallerGone(error, reply.raw)) ctx.log.error({ err: error }, 'an answer broke off');
  }
  return reply;
}

async function recall(ctx: RequestContext, store: Store, { locator, bytes, sha256, tail }: Delivery): Promise<Buffer | null> {
  if (store.recall === undefined || sha256 === null || tail !== undefined) return null;
  return await store.recall(locator.key, { bytes, sha256, signal: ctx.signal });
}
