import { Readable } from 'node:stream';

import type { FastifyReply, FastifyRequest } from 'fastify';

import { isNotModified, rangeApplies, requireSameBytes } from '../delivery/conditions.ts';
import { contentDisposition } from '../delivery/content-disposition.ts';
import { openBytes } from '../delivery/open-bytes.ts';
import { beyondEnd, parseRange } from '../delivery/range.ts';
import type { OpenedZip } from '../delivery/zip/plan-purchase-zip.ts';
import { bytesOfFile, readZipRange, type OpenFile } from '../delivery/zip/read-zip-range.ts';
import { owned } from '../lib/owned.ts';
import type { RequestContext } from './request-context.ts';
import { sendProblem } from './send-problem.ts';
import { isResumption, spend, type Doors } from './spend-download.ts';

/**
 * A purchase as one archive. The plan can answer any single range, so an interrupted download resumes. A request for several ranges gets the whole
 * archive.
 */
export async function deliverZip(
  ctx: RequestContext,
  doors: Doors,
  { request, reply }: { request: FastifyRequest; reply: FastifyReply },
  { plan, files, modifiedAt }: OpenedZip,
): Promise<FastifyReply> {
  const validators = { etag: plan.etag, modifiedAt };
  const transaction = files[0]?.transaction ?? '';
  reply.headers({
    etag: plan.etag,
    'last-modified': modifiedAt.toUTCString(),
    'cache-control': 'private, no-cache',
    'accept-ranges': 'bytes',
    'content-type': 'application/zip',
    'content-disposition': contentDisposition('attachment', `${transaction}.zip`),
    'content-security-policy': "default-src 'none'; sandbox",
  });
  requireSameBytes(request.headers, validators);
  if (isNotModified(request.headers, validators)) return await reply.code(304).send();
  const { range: asked, 'if-range': ifRange } = request.headers;
  const ranges = asked !== undefined && rangeApplies(typeof ifRange === 'string' ? ifRange : undefined, validators) ? parseRange(asked, plan.bytes) : null;
  if (ranges?.length === 0) return sendProblem(beyondEnd(plan.bytes), request, reply, 416);
  const [only] = ranges?.length === 1 ? ranges : [];
  const range = only ?? { start: 0, end: plan.bytes - 1 };
  const bytes = range.end - range.start + 1;
  if (request.method === 'GET') {
    const spent = files.map((file, index) => ({ ...file, size: file.delivery.bytes, ...bytesOfFile(plan, index, range) }));
    await spend(
      ctx,
      doors,
      { request, reply },
      { files: spent, bytes, resumes: isResumption(only === undefined ? null : [only]), carrier: 'proxy', isCarried: true },
    );
  }
  if (only !== undefined) reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${plan.bytes}`);
  reply.header('content-length', String(bytes));
  if (request.method === 'HEAD') return await reply.send('');
  const openFile: OpenFile = async (index, part) => {
    const file = files[index];
    if (file === undefined) throw new Error('the plan of an archive names a file that it was not made of');
    return await openBytes(ctx, file.delivery, part);
  };
  return await reply.send(owned(Readable.from(readZipRange(plan, range, openFile), { objectMode: false })));
}
