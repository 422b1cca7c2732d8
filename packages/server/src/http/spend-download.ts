import type { FastifyReply, FastifyRequest } from 'fastify';

import type { Granted } from '../delivery/find-granted.ts';
import type { ByteRange } from '../delivery/range.ts';
import { clientOf } from '../grants/client-hash.ts';
import type { Settlements } from '../grants/open-settlements.ts';
import { takeDownloads, type Wanted } from '../grants/take-downloads.ts';
import type { Spend } from './deliver.ts';
import type { DoorLimits } from './door-limits.ts';
import type { RequestContext } from './request-context.ts';

/** How often sent bytes are recorded: a crash loses at most this much. */
const flushMs = 5_000;
/** Windows of files whose turn in the archive has not come stay open too; a window ends hours after its last write. */
const keepOpenMs = 3_600_000;
/** An answer up to this size is in the system's buffers at once, so it does not count as a stream. */
const streamBytes = 256 * 1024;

/** The limits on buyers, and the record of what they received. */
export type Doors = { limits: DoorLimits; settlements: Settlements };

/** Spends a download before its first byte, and records the bytes sent both during the answer and when it has ended, for whatever reason. */
export function spendDownload(ctx: RequestContext, doors: Doors, request: FastifyRequest, reply: FastifyReply, granted: Granted): Spend {
  const { delivery } = granted;
  return async (ranges) => {
    const bytes = ranges === null ? delivery.bytes : ranges.reduce((sum, { start, end }) => sum + end - start + 1, 0);
    const isCarried = delivery.mode === 'proxy';
    const file = { ...granted, size: delivery.bytes, from: 0, to: bytes };
    await spend(ctx, doors, { request, reply }, { files: [file], bytes, resumes: isResumption(ranges), carrier: delivery.mode, isCarried });
  };
}

/** A file whose bytes are those from `from` to `to` of the answer. */
export type SpentFile = Pick<Wanted, 'grantId' | 'assetId' | 'objectId' | 'size'> & { from: number; to: number };
type Spending = { files: readonly SpentFile[]; bytes: number; resumes: boolean; carrier: Wanted['carrier']; isCarried: boolean };

/** Spends for all files of an answer or for none, and records their bytes until the answer has ended. */
export async function spend(
  ctx: RequestContext,
  { limits, settlements }: Doors,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  { files, bytes, resumes, carrier, isCarried }: Spending,
): Promise<void> {
  const [first] = files;
  if (first === undefined) return;
  const client = await clientOf(ctx.site.db, { address: request.ip, agent: request.headers['user-agent'] ?? '' }, ctx.site.clock.now());
  const giveBack = bytes > streamBytes && isCarried ? limits.takeStream(first.grantId) : () => undefined;
  const about = { ...client, resumes, carrier, opensPerMinute: limits.opensPerMinute, hasRoom: giveBack !== null };
  const wanted = files.map((file) => ({ ...file, ...about, bytes: file.to - file.from }));
  try {
    const taken = new Map((await takeDownloads(ctx.site.db, wanted)).map((one) => [one.assetId, one]));
    const windows = files.map(({ assetId, size, from, to }) => ({ id: taken.get(assetId)?.id ?? '', size, from, to }));
    // Announces only downloads that have just begun.
    settlements.add(windows.filter((_, index) => taken.get(files[index]?.assetId ?? '')?.isNew).map(({ id, size }) => ({ id, size, reserved: 0, sent: 0 })));
    recordSent(settlements, reply, { bytes, isCarried, windows });
  } catch (error) {
    giveBack?.();
    throw error;
  }
  if (giveBack === null) return;
  if (reply.raw.closed) giveBack();
  else reply.raw.once('close', giveBack);
}

/** A request that does not start at the first byte continues an earlier download. */
export const isResumption = (ranges: readonly ByteRange[] | null): boolean => ranges !== null && ranges.every(({ start }) => start > 0);

/** When another server sends the bytes, all that is known is that they were handed over. */
type Sending = { bytes: number; isCarried: boolean; windows: readonly { id: string; size: number; from: number; to: number }[] };

function recordSent(book: Settlements, reply: FastifyReply, { bytes, isCarried, windows }: Sending): void {
  const { raw } = reply;
  const before = raw.socket?.bytesWritten ?? 0;
  let written = 0;
  const carried = (): number => Math.min(bytes, Math.max(0, (raw.socket?.bytesWritten ?? before) - before - (raw.socket?.writableLength ?? 0)));
  let keptOpenAt = performance.now();
  /** Records the bytes sent since the last record, per file. */
  const write = (sent: number, isLast: boolean): void => {
    const isKeeping = performance.now() - keptOpenAt > keepOpenMs;
    if (isKeeping) keptOpenAt = performance.now();
    const settlements = windows.flatMap(({ id, size, from, to }) => {
      const ofFile = (upTo: number): number => Math.min(Math.max(upTo - from, 0), to - from);
      const more = ofFile(sent) - ofFile(written);
      return isLast
        ? [{ id, size, sent: more, reserved: to - from - ofFile(written), isFailed: raw.statusCode >= 500 }]
        : more > 0 || isKeeping
          ? [{ id, size, sent: more, reserved: more }]
          : [];
    });
    written = sent;
    book.add(settlements);
  };
  const flush = setInterval(() => {
    if (isCarried && isOfBytes(raw.statusCode) && carried() > written) write(carried(), false);
  }, flushMs);
  const end = (): void => {
    clearInterval(flush);
    const sent = !isOfBytes(raw.statusCode) ? 0 : raw.writableFinished || !isCarried ? bytes : carried();
    write(Math.max(sent, written), true);
  };
  if (raw.closed) end();
  else raw.once('close', end);
}

const isOfBytes = (status: number): boolean => status === 200 || status === 206 || status === 302;
