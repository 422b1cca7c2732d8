import { uploadInitSchema, type UploadInitBatch } from '@safelight/contract/uploads';

import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

import { SafelightError } from '../lib/errors.ts';
import { defaultCollectionOf } from '../policy/collection.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { openUpload, type OpenUpload } from '../uploads/open-upload.ts';
import type { Answer } from './answer.ts';
import { madeSoFarOf, sameThing, type MadeSoFar } from './made-so-far.ts';
import { problemOf } from './problem.ts';
import { invalidRequest, readInput, withoutEmptyTexts } from './read-input.ts';
import type { RequestContext } from './request-context.ts';

/**
 * Opens many uploads, each independently and in order: a refused one does not affect the others. Those beyond the batch size of their collection are
 * refused one by one.
 */
export async function openUploads(ctx: RequestContext, { uploads }: UploadInitBatch, request: FastifyRequest): Promise<Answer> {
  const results: unknown[] = [];
  const room = openRoom(ctx);
  const made = madeSoFarOf(request);
  for (const given of uploads) {
    try {
      const { data: init, problems } = readInput(uploadInitSchema, withoutEmptyTexts(given));
      if (problems !== null) throw invalidRequest(problems);
      await room(init);
      results.push(await openOne(ctx, init, made));
    } catch (error) {
      if (!(error instanceof SafelightError) || error.status >= 500) ctx.log.error({ err: error }, 'an upload among many could not be opened');
      const { status, body: problem } = problemOf(error, request.id);
      results.push({ status, problem });
    }
  }
  return { status: 207, body: { results } };
}

const opened = z.object({ status: z.literal(201), upload: z.looseObject({ uploadId: z.string() }) });

async function openOne(ctx: RequestContext, init: OpenUpload, made: MadeSoFar | undefined): Promise<unknown> {
  const what = sameThing(init);
  const before = made?.take(what, opened);
  if (before !== undefined) return before;
  return { status: 201, upload: await openUpload(ctx, init, { keep: made && (async (tx, upload) => await made.keepIn(tx, what, { status: 201, upload })) }) };
}

/** Counts the uploads to each collection and refuses those beyond the batch size of its policy. */
function openRoom(ctx: RequestContext): (init: OpenUpload) => Promise<void> {
  const counted = new Map<string, { batchSize: number; taken: number }>();
  return async (init) => {
    const collection = init.collection ?? defaultCollectionOf(ctx.site.collections)?.name;
    // The upload itself is refused if its collection does not exist.
    if (collection === undefined || !ctx.site.collections.has(collection)) return;
    const of = counted.get(collection) ?? { batchSize: (await readPolicy(ctx.site.db, collection)).batchSize, taken: 0 };
    counted.set(collection, of);
    if (of.taken >= of.batchSize)
      throw new SafelightError('batch_too_large', `At most ${of.batchSize} files are taken in one request; this is one more. Send it in another request.`);
    of.taken += 1;
  };
}
