import { randomBytes } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';

import { secondsFrom } from '../lib/clock.ts';
import { newObjectId, newOpaqueToken } from '../lib/ids.ts';
import { owned } from '../lib/owned.ts';
import type { CollectionConfig } from '../policy/collection.ts';
import { keepLease } from '../storage/keep-lease.ts';
import { reserveObjects, type Reservation } from '../storage/ledger.ts';
import { artifactKey } from '../storage/object-key.ts';
import type { Body } from '../storage/store.ts';
import type { ProcessingContext } from './processing-context.ts';
import { discardWritten } from '../storage/discard-written.ts';
import { outputLeaseSeconds, type RenderedArtifact } from './render-artifacts.ts';

/** A checked output that will become an artifact. */
export type MadeFile = {
  role: string;
  content: { path: string } | { bytes: Buffer };
  extension: string;
  mimeType: string;
  width: number | null;
  height: number | null;
  /** The places of its parts. */
  layout?: unknown;
};

/** Puts the outputs into the final store: inserts all ledger rows before the first byte; if one fails, all are given up. */
export async function storeFiles(
  ctx: ProcessingContext,
  { collection, ownerId, assetId }: { collection: Pick<CollectionConfig, 'keyPrefix'>; ownerId: string; assetId: string },
  files: readonly MadeFile[],
): Promise<RenderedArtifact[]> {
  if (files.length === 0) return [];
  const store = ctx.site.stores.active('final');
  const revision = randomBytes(6).toString('hex');
  const sized = await Promise.all(
    files.map(async (file) => ({ file, bytes: 'bytes' in file.content ? file.content.bytes.length : (await stat(file.content.path)).size })),
  );
  const leaseUntil = secondsFrom(ctx.site.clock.now(), outputLeaseSeconds);
  const planned = sized.map(({ file, bytes }) => {
    const key = artifactKey(collection.keyPrefix, ownerId, assetId, revision, file.role, file.extension);
    const reservation: Reservation = { provider: store.provider, location: store.location, key, id: newObjectId(), role: file.role, leaseUntil };
    return { file, bytes, reservation };
  });
  await reserveObjects(
    ctx.site.db,
    planned.map(({ reservation }) => reservation),
  );
  const endLeases = keepLease(
    ctx,
    planned.map(({ reservation }) => reservation.id),
    outputLeaseSeconds,
  );
  try {
    const artifacts: RenderedArtifact[] = [];
    for (const { file, bytes, reservation } of planned) {
      const { mimeType, width, height, layout } = file;
      const { leaseUntil: _, ...written } = reservation;
      const stored = await store.put(reservation.key, bodyOf(file), { contentType: mimeType, bytes, signal: ctx.signal });
      artifacts.push({
        ...written,
        token: newOpaqueToken(),
        bytes: stored.bytes,
        sha256: stored.sha256,
        mimeType,
        width,
        height,
        ...(layout === undefined ? {} : { layout }),
      });
    }
    return artifacts;
  } catch (error) {
    await discardWritten(
      ctx,
      planned.map(({ reservation }) => reservation),
    );
    throw error;
  } finally {
    endLeases();
  }
}

/** Pieces of the default 64 KiB take half as long again to read. */
const pieceBytes = 1 << 18;

function bodyOf({ content }: MadeFile): Body {
  if ('bytes' in content) return content.bytes;
  const { path } = content;
  return () => owned(createReadStream(path, { highWaterMark: pieceBytes }));
}
