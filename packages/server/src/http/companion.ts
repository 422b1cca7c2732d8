import { optional, partNumber } from '@safelight/contract/fields';
import { mostParts } from '@safelight/contract/limits';
import { uploadInitSchema } from '@safelight/contract/uploads';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';

import { notFound, SafelightError } from '../lib/errors.ts';
import { isUuid } from '../lib/ids.ts';
import { abortUpload } from '../uploads/abort-upload.ts';
import { completeUpload } from '../uploads/complete-upload.ts';
import { openUpload } from '../uploads/open-upload.ts';
import { presignForm } from '../uploads/presign.ts';
import { listUploadParts, signUploadParts } from '../uploads/upload-parts.ts';
import { requireScope, type Authenticate } from './authenticate.ts';
import { createOnce } from './create-once.ts';
import type { RequestContext } from './request-context.ts';
import { misspeltIn } from './misspelt-in.ts';
import { invalidRequest, readInput, withoutEmpty } from './read-input.ts';

export type CompanionOptions = { apiPrefix: string; authenticate: Authenticate; contextOf(request: FastifyRequest, reply: FastifyReply): RequestContext };

type Verb = (ctx: RequestContext, request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

/**
 * The routes that stock `@uppy/aws-s3` expects of its companion, over the same use-cases as every other kind of upload, so that Uppy needs only an
 * address. Uppy sends these routes no custom header, so the token may be part of the address, `/companion/{token}`; `takeTokenFromPath` takes it from
 * there. A client that can send `Authorization` leaves the token out of the path.
 */
export function registerCompanion(app: FastifyInstance, { apiPrefix, authenticate, contextOf }: CompanionOptions): void {
  const routes: [method: 'GET' | 'POST' | 'DELETE', path: string, verb: Verb][] = [
    ['GET', '/s3/params', openForm],
    ['POST', '/s3/multipart', openParts],
    ['GET', '/s3/multipart/:uploadId', listParts],
    ['GET', '/s3/multipart/:uploadId/:partNumber', signPart],
    ['POST', '/s3/multipart/:uploadId/complete', complete],
    ['DELETE', '/s3/multipart/:uploadId', abort],
  ];
  for (const [method, path, verb] of routes) {
    const handler = async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
      const actor = await authenticate(request.headers);
      requireScope(actor, 'media:write');
      return await verb({ ...contextOf(request, reply), actor }, request, reply);
    };
    app.route({ method, url: `${apiPrefix}/companion${path}`, handler });
  }
}

async function openForm(ctx: RequestContext, request: FastifyRequest): Promise<unknown> {
  const { filename, type, ...others } = read(formToOpen, request.query, 'Send filename and type.');
  const metadata = Object.fromEntries(
    Object.entries(others).flatMap(([name, value]) => [...name.matchAll(/^metadata\[(.+)\]$/g)].map(([, key = '']) => [key, value])),
  );
  const opened = await openUpload(ctx, initOf(filename, type, metadata));
  return { method: 'POST', url: presignForm(ctx, opened), fields: { key: opened.objectPath } };
}

/** Uppy sends more fields than we need. */
const formToOpen = z.looseObject({ filename: z.string(), type: optional(z.string()) });
const partsToOpen = z.object({ filename: z.string(), type: optional(z.string()), metadata: z.record(z.string(), z.unknown()).default({}) });
const partsThatCame = z.object({ parts: z.array(z.object({ PartNumber: partNumber, ETag: z.string().max(1024) })).max(mostParts) });

function read<Schema extends z.ZodType>(schema: Schema, given: unknown, hint: string): z.output<Schema> {
  const { data, problems } = readInput(schema, given);
  if (problems !== null) throw invalidRequest(problems, hint);
  return data;
}

async function openParts(ctx: RequestContext, request: FastifyRequest, reply: FastifyReply): Promise<unknown> {
  const { filename, type, metadata } = read(partsToOpen, request.body, 'Send filename, type and metadata.');
  return await createOnce(ctx, { operation: 'createCompanionUpload', told: request.body }, request, reply, async () => {
    const opened = await openUpload(ctx, { ...initOf(filename, type, metadata), multipart: true }, { parts: 'any' });
    return { status: 200, body: { key: opened.objectPath, uploadId: opened.uploadId, bucket: '' } };
  });
}

const listParts: Verb = async (ctx, request) =>
  (await listUploadParts(ctx, { uploadId: idOf(request) })).parts.map(({ partNumber, etag, byteSize }) => ({
    PartNumber: partNumber,
    ETag: etag,
    Size: byteSize,
  }));

const signPart: Verb = async (ctx, request) => {
  const { data } = readInput(partNumber, Number((request.params as { partNumber: string }).partNumber));
  if (data === null) throw new SafelightError('invalid_request', `Part numbers run from 1 to ${mostParts}.`);
  const { parts } = await signUploadParts(ctx, { uploadId: idOf(request), partNumbers: [data] });
  return { url: parts[0]?.url, headers: parts[0]?.headers, method: 'PUT' };
};

const complete: Verb = async (ctx, request) => {
  const { parts } = read(partsThatCame, request.body, 'Send parts, each with its PartNumber and ETag.');
  const { media, path, jobId } = await completeUpload(ctx, {
    uploadId: idOf(request),
    parts: parts.map(({ PartNumber, ETag }) => ({ partNumber: PartNumber, etag: ETag })),
  });
  return { location: ctx.site.links.media(media.id), key: path, bucket: '', mediaId: media.id, jobId };
};

const abort: Verb = async (ctx, request) => {
  await abortUpload(ctx, { uploadId: idOf(request) });
  return {};
};

/** Reads the destination from the file metadata that the page gave to Uppy. Uppy adds fields of its own, which are ignored. */
function initOf(filename: string | undefined, type: string | undefined, metadata: Record<string, unknown>): z.output<typeof uploadInitSchema> {
  const { collection, entityType, entityId, purpose, altText, sortOrder, replaces } = metadata;
  const hint = 'Set collection, and entityType, entityId, purpose where they apply, with uppy.setMeta().';
  const misspelt = misspeltIn(Object.keys(metadata));
  if (misspelt.length > 0) throw invalidRequest(misspelt, hint);
  const given = { collection, entityType, entityId, purpose, altText, sortOrder, replaces, filename, contentType: type };
  return read(uploadInitSchema, withoutEmpty(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))), hint);
}

function idOf(request: FastifyRequest): string {
  const { uploadId } = request.params as { uploadId: string };
  if (!isUuid(uploadId)) throw notFound('upload');
  return uploadId;
}
