import { z } from 'zod';

import { planReplacement, replaceByUpload, type ReplacementPlan } from '../collections/start-replacement.ts';
import { SafelightError } from '../lib/errors.ts';
import { dropReceived, receiveInto, registerReceived, type ReceivedFile } from '../uploads/receive-file.ts';
import type { Handler } from './bind-operation.ts';
import { fieldProblems } from './field-problems.ts';
import type { RequestContext } from './request-context.ts';
import { readUploadForm } from './upload-form.ts';

const altText = z.string().max(2000).optional();
const byUpload = z.object({ uploadId: z.uuid(), altText });

/** A photo in place of another: sent as a form with one file, or named by the upload that brought it. */
export const replaceMedia: Handler<'replaceMedia'> = async (ctx, { params }, { request }) => {
  const answer = request.isMultipart ? await fromForm(ctx, params.id, request) : await replaceByUpload(ctx, { ...params, ...bodyOf(request.body) });
  return { status: 202, body: answer, headers: { location: ctx.links.job(answer.jobId) } };
};

function bodyOf(body: unknown): z.output<typeof byUpload> {
  const parsed = byUpload.safeParse(body);
  if (parsed.success) return parsed.data;
  throw new SafelightError(
    'invalid_request',
    'Send the new photo as multipart/form-data in the field "file", or {"uploadId": …} of the upload that brought it.',
    {
      errors: fieldProblems(parsed.error),
    },
  );
}

async function fromForm(ctx: RequestContext, id: string, request: Parameters<typeof readUploadForm>[0]) {
  const planned = await planReplacement(ctx, { id });
  const inItsName: RequestContext = { ...ctx, actor: { ...ctx.actor, id: planned.ownerId } };
  const { received, said } = await receiveOne(inItsName, planned, request);
  if (said !== undefined) received.plan.altText = said;
  return await registerReceived(inItsName, received, planned.claim);
}

/** The one file of the form; the field `altText` may come before or after it. */
async function receiveOne(
  ctx: RequestContext,
  { plan }: ReplacementPlan,
  request: Parameters<typeof readUploadForm>[0],
): Promise<{ received: ReceivedFile; said: string | undefined }> {
  const files: ReceivedFile[] = [];
  let fields: Readonly<Record<string, string>> = {};
  try {
    await readUploadForm(
      request,
      async (file, _destination, told) => {
        if (files.length > 0)
          throw new SafelightError('invalid_request', 'One photo is replaced by one file. Send a single file.', {
            errors: [{ field: 'file', message: 'only one' }],
          });
        fields = told;
        files.push(await receiveInto(ctx, { ...file, plan }));
      },
      'known',
    );
    const [received] = files;
    if (received === undefined)
      throw new SafelightError('invalid_request', 'The form has no file. Send it in the field "file".', { errors: [{ field: 'file', message: 'missing' }] });
    return { received, said: altText.parse(fields['altText']) };
  } catch (error) {
    for (const received of files) await dropReceived(ctx, received);
    throw error;
  }
}
