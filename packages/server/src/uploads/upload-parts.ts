import { notFound, SafelightError } from '../lib/errors.ts';
import { locatorOf } from '../storage/ledger.ts';
import type { Multipart, UploadedPart } from '../storage/store.ts';
import { presignPart } from './presign.ts';
import { readSessionObject, type SessionObject, type UploadSession } from './session-rows.ts';
import { findOwnSession } from './find-session.ts';
import type { UploadContext } from './upload-context.ts';

export type PartFact = { partNumber: number; etag: string; byteSize: number };

/** The parts that the provider has: lets a client continue after a reload, or when it could not read an ETag. */
export async function listUploadParts(ctx: UploadContext, { uploadId }: { uploadId: string }): Promise<{ parts: PartFact[]; partSize: number }> {
  const session = await findOwnSession(ctx, { uploadId });
  if (session.state !== 'open') throw new SafelightError('conflict', `This upload is ${session.state}.`);
  const { partBytes, parts } = await openMultipart(ctx, session);
  return { partSize: partBytes ?? parts[0]?.bytes ?? 0, parts: parts.map(({ partNumber, etag, bytes }) => ({ partNumber, etag, byteSize: bytes })) };
}

/** URLs for more parts, or for the same ones again when they have expired. */
export async function signUploadParts(
  ctx: UploadContext,
  input: { uploadId: string; partNumbers: readonly number[] },
): Promise<{ parts: { partNumber: number; url: string; headers: Record<string, string> }[] }> {
  const session = await findOwnSession(ctx, input);
  if (session.state !== 'open') throw new SafelightError('conflict', `This upload is ${session.state}.`);
  if (session.expires_at <= ctx.site.clock.now()) throw new SafelightError('upload_expired', 'This upload has expired. Open a new one.');
  const { object, providerUploadId } = await multipartOf(ctx, session);
  const target = { uploadId: session.id, providerUploadId, locator: locatorOf(object), expiresAt: session.expires_at };
  return { parts: await Promise.all(input.partNumbers.map(async (partNumber) => ({ partNumber, ...(await presignPart(ctx, { ...target, partNumber })) }))) };
}

/**
 * Joins the parts of an upload into its object. `given` are the ETags that the client has; without them the provider's list is used. A gap, a part of
 * another size or a wrong ETag is refused with the number of the part. Joining again does nothing.
 */
export async function joinParts(ctx: UploadContext, session: UploadSession, given: readonly { partNumber: number; etag: string }[] | undefined): Promise<void> {
  const { object, providerUploadId, multipart, partBytes } = await multipartOf(ctx, session);
  const there = await multipart.listParts(object.key, providerUploadId, { signal: ctx.signal });
  // Joined before, and only the answer was lost; or aborted at the provider, and then the object will be missing.
  if (there === null) return;
  const chosen = given === undefined ? there : matchGiven(given, there);
  checkParts(chosen, partBytes);
  if (session.declared_bytes !== null) {
    const total = chosen.reduce((sum, { bytes }) => sum + bytes, 0);
    if (total !== session.declared_bytes)
      throw new SafelightError('upload_incomplete', `The parts have ${total} bytes together; ${session.declared_bytes} were declared.`);
  }
  await multipart.complete(object.key, providerUploadId, chosen, { signal: ctx.signal });
}

type OpenMultipart = { object: SessionObject; providerUploadId: string; multipart: Multipart; /** Null when the client chooses. */ partBytes: number | null };

async function multipartOf(ctx: UploadContext, session: UploadSession): Promise<OpenMultipart> {
  if (session.protocol !== 'multipart') throw new SafelightError('conflict', 'This upload has no parts; it is sent with one PUT.');
  const object = session.object_id === null ? undefined : await readSessionObject(ctx.site.db, session.object_id);
  const multipart = object === undefined ? undefined : ctx.site.stores.of(locatorOf(object)).multipart;
  if (object === undefined || session.provider_upload_id === null || multipart === undefined) throw notFound('upload');
  return { object, providerUploadId: session.provider_upload_id, multipart, partBytes: session.part_bytes };
}

async function openMultipart(ctx: UploadContext, session: UploadSession): Promise<OpenMultipart & { parts: UploadedPart[] }> {
  const open = await multipartOf(ctx, session);
  const parts = await open.multipart.listParts(open.object.key, open.providerUploadId, { signal: ctx.signal });
  if (parts === null) throw new SafelightError('gone', 'The provider does not know this upload any more; it was aborted there. Open a new one.');
  return { ...open, parts };
}

function matchGiven(given: readonly { partNumber: number; etag: string }[], there: readonly UploadedPart[]): UploadedPart[] {
  const byNumber = new Map(there.map((part) => [part.partNumber, part]));
  const plain = (etag: string): string => etag.replace(/^W\//, '').replaceAll('"', '');
  return given
    .toSorted((a, b) => a.partNumber - b.partNumber)
    .map(({ partNumber, etag }) => {
      const part = byNumber.get(partNumber);
      if (part === undefined) throw partProblem(partNumber, `Part ${partNumber} has not arrived. Send it again, then complete.`);
      // Azure returns no ETag for a part, and a bucket may hide it from browsers: then the number alone identifies the part.
      if (etag !== '' && plain(part.etag) !== plain(etag))
        throw partProblem(partNumber, `Part ${partNumber} is there with the ETag ${part.etag}, not ${etag}. Send it again, or complete without ETags.`);
      return part;
    });
}

/** Checks that the numbers run from 1 without a gap, and that all parts but the last have the agreed size. */
function checkParts(parts: readonly UploadedPart[], agreed: number | null): void {
  const partBytes = agreed ?? parts[0]?.bytes ?? 0;
  if (parts.length === 0) throw new SafelightError('upload_incomplete', 'No part has arrived yet. PUT the parts, then complete.');
  for (const [index, { partNumber, bytes }] of parts.entries()) {
    if (partNumber !== index + 1) throw partProblem(index + 1, `Part ${index + 1} has not arrived. Send it, then complete.`);
    const isLast = index === parts.length - 1;
    if (isLast ? bytes > partBytes : bytes !== partBytes) {
      throw partProblem(
        partNumber,
        `Part ${partNumber} has ${bytes} bytes; ${isLast ? 'at most ' : ''}${partBytes} were agreed. An upload is resumed with the part size that it began with.`,
      );
    }
  }
}

const partProblem = (partNumber: number, detail: string): SafelightError =>
  new SafelightError('upload_incomplete', detail, { errors: [{ field: `parts.${partNumber}`, message: detail }] });
