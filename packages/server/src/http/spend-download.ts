import type { FastifyReply, FastifyRequest } from 'fastify';

import type { Granted } from '../delivery/open-granted.ts';
import type { ByteRange } from '../delivery/range.ts';
import { clientOf } from '../grants/client-hash.ts';
import { settleDownload, takeDownload } from '../grants/take-download.ts';
import type { Spend } from './deliver.ts';
import type { DoorLimits } from './door-limits.ts';
import type { RequestContext } from './request-context.ts';

/** What went out is written down so often: a crash loses no more than that of it. */
const flushMs = 5_000;
/** What is no larger is in the hands of the system at once, and holds nothing of ours. */
const streamBytes = 256 * 1024;

/** Spends a download before its first byte, and writes down what goes out while it does and when the answer has ended, however it did. */
export function spendDownload(ctx: RequestContext, limits: DoorLimits, request: FastifyRequest, reply: FastifyReply, granted: Granted): Spend {
  const { delivery } = granted;
  return async (ranges) => {
    const bytes = ranges === null ? delivery.bytes : ranges.reduce((sum, { start, end }) => sum + end - start + 1, 0);
    const seen = { address: request.ip, agent: request.headers['user-agent'] ?? '' };
    const client = await clientOf(ctx.db, seen, ctx.clock.now());
    const isStream = bytes > streamBytes && delivery.mode === 'proxy';
    const giveBack = isStream ? limits.takeStream(granted.grantId) : () => undefined;
    const wanted = { ...granted, size: delivery.bytes, bytes, ...client, resumes: isResumption(ranges), carrier: delivery.mode };
    let id: string;
    try {
      ({ id } = await takeDownload(ctx.db, { ...wanted, opensPerMinute: limits.opensPerMinute, hasRoom: giveBack !== null }));
    } catch (error) {
      giveBack?.();
      throw error;
    }
    recordSent(ctx, reply, { id, bytes, size: delivery.bytes, isCarried: delivery.mode === 'proxy' });
    if (giveBack === null) return;
    if (reply.raw.closed) giveBack();
    else reply.raw.once('close', giveBack);
  };
}

/** A request that does not begin at the beginning goes on with what another has begun. */
const isResumption = (ranges: readonly ByteRange[] | null): boolean => ranges !== null && ranges.every(({ start }) => start > 0);

/** Of what others carry, no more is known than that it was handed over. */
type Record = { id: string; bytes: number; size: number; isCarried: boolean };

function recordSent(ctx: RequestContext, reply: FastifyReply, { id, bytes, size, isCarried }: Record): void {
  const { raw } = reply;
  const before = raw.socket?.bytesWritten ?? 0;
  let written = 0;
  const carried = (): number => Math.min(bytes, Math.max(0, (raw.socket?.bytesWritten ?? before) - before - (raw.socket?.writableLength ?? 0)));
  const write = (reserved: number, sent: number): void => {
    written += sent;
    settleDownload(ctx.db, { id, reserved, sent, size }).catch((error: unknown) =>
      ctx.log.warn({ err: error }, 'what a download has sent could not be written down; it stays reserved'),
    );
  };
  const flush = setInterval(() => {
    const sent = isCarried && isOfBytes(raw.statusCode) ? carried() - written : 0;
    if (sent > 0) write(sent, sent);
  }, flushMs);
  const end = (): void => {
    clearInterval(flush);
    const sent = !isOfBytes(raw.statusCode) ? 0 : raw.writableFinished || !isCarried ? bytes : carried();
    write(bytes - written, Math.max(0, sent - written));
  };
  if (raw.closed) end();
  else raw.once('close', end);
}

const isOfBytes = (status: number): boolean => status === 200 || status === 206 || status === 302;
