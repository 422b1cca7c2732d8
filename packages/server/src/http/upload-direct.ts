import type { Problem } from '@safelight/contract/errors';
import { mediaSchema } from '@safelight/contract/media';
import { z } from 'zod';

import type { Tx } from '../lib/context.ts';
import { SafelightError } from '../lib/errors.ts';
import { giveBack } from '../lib/give-back.ts';
import { collectionFor } from '../policy/collection.ts';
import { readPolicy } from '../policy/read-policy.ts';
import { discardReceived } from '../uploads/discard-received.ts';
import { receiveFile } from '../uploads/receive-file.ts';
import { registerReceived } from '../uploads/register-received.ts';
import type { Answer } from './answer.ts';
import type { Handler } from './bind-operation.ts';
import { ingestReceived } from './ingest-received.ts';
import { logFault } from './log-fault.ts';
import { madeSoFarOf, sameThing, type MadeSoFar } from './made-so-far.ts';
import { levelOf, problemOf } from './problem.ts';
import type { RequestContext } from './request-context.ts';
import { isCallerGone } from './request-signals.ts';
import { readUploadForm, type FormFile } from './upload-form.ts';
import { destinationSchema, type Destination } from '@safelight/contract/uploads';

const madeAnswer = z.union([
  z.object({ status: z.literal(201), media: mediaSchema }),
  z.object({ status: z.literal(202), jobId: z.string(), media: mediaSchema }),
]);
/** The answer for a file that was accepted. */
type MadeAnswer = z.output<typeof madeAnswer>;
type Outcome = MadeAnswer | { status: number; problem: Problem; headers: Record<string, string> };

/**
 * A form with one or more files: each file gets its own answer, and a refused one does not affect the others. A single file is answered with its own
 * status.
 */
export const uploadDirect: Handler<'uploadDirect'> = async (ctx, _input, { request, reply }) => {
  if (!request.isMultipart)
    throw new SafelightError('unsupported_type', 'Send the file as multipart/form-data in the field "file", or open an upload with POST /media/upload/init.');
  const outcomes: Outcome[] = [];
  let batchSize: number | undefined;
  const refused = (error: unknown): void => {
    const level = reply.raw.destroyed || isCallerGone(error, reply.raw) ? 'info' : levelOf(error);
    ctx.log[level]({ fault: logFault(error) }, 'a file of a direct upload was refused');
    const { status, body, headers } = problemOf(error, request.id);
    outcomes.push({ status, problem: body, headers });
  };
  const read = readUploadForm(request, destinationSchema, async (file, fieldsSoFar, explained) => {
    try {
      const where = fieldsSoFar();
      // The batch size matters only from the second file on.
      if (outcomes.length > 0) batchSize ??= await batchSizeOf(ctx, where);
      if (batchSize !== undefined && outcomes.length >= batchSize)
        throw new SafelightError('batch_too_large', `At most ${batchSize} files are taken in one request; this is one more. Send it in another request.`);
      outcomes.push(await uploadOne(ctx, file, where, madeSoFarOf(request)));
    } catch (error) {
      refused(explained(error));
    }
  });
  const ended = await read.catch((error: unknown) => {
    // If the client has created something, it gets that answer, whatever happens to the rest.
    if (outcomes.length === 0) throw error;
    refused(error);
  });
  if (ended === 'skipped' && outcomes.length > 1)
    refused(
      new SafelightError('upload_incomplete', 'The rest of the form was not read, because a file before it was refused. Send the rest in another request.'),
    );
  return answerOf(ctx, outcomes);
};

async function batchSizeOf(ctx: RequestContext, destination: Destination): Promise<number> {
  const { name } = collectionFor(ctx.site.collections, destination.collection);
  return (await readPolicy(ctx.site.db, name)).batchSize;
}

async function uploadOne(ctx: RequestContext, file: FormFile, destination: Destination, made: MadeSoFar | undefined): Promise<Outcome> {
  const received = await receiveFile(ctx, { destination, ...file });
  const what = sameThing(destination, file.fileName, received.bytes, received.sha256);
  const before = received.sha256 === null ? undefined : made?.take(what, madeAnswer);
  if (before !== undefined) {
    await discardReceived(ctx, received);
    return before;
  }
  const keep = async (tx: Tx, answer: MadeAnswer): Promise<void> => await made?.keepIn(tx, what, answer);
  if (received.plan.collection.ingest !== 'queued')
    return { status: 201, media: await ingestReceived(ctx, received, async (tx, media) => await keep(tx, { status: 201, media })) };
  const registered = await registerReceived(ctx, received, {
    keep: async (tx, answer) => await keep(tx, { status: 202, ...answer }),
    answersFirst: true,
  });
  giveBack(received.pieces ?? []);
  return { status: 202, ...registered };
}

function answerOf(ctx: RequestContext, outcomes: readonly Outcome[]): Answer {
  const [only] = outcomes;
  if (only === undefined)
    throw new SafelightError('invalid_request', 'The form has no file. Send one or more in the field "file".', {
      errors: [{ field: 'file', message: 'missing' }],
    });
  if (outcomes.length > 1)
    return {
      status: 207,
      body: { results: outcomes.map((outcome) => ('problem' in outcome ? { status: outcome.status, problem: outcome.problem } : outcome)) },
    };
  if ('problem' in only)
    return { status: only.status, body: Buffer.from(JSON.stringify(only.problem)), headers: { ...only.headers, 'content-type': 'application/problem+json' } };
  const { status, ...body } = only;
  return { status, body, headers: 'jobId' in only ? { location: ctx.site.links.job(only.jobId) } : { location: ctx.site.links.media(only.media.id) } };
}
