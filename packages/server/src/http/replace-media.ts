import { replacementFormSchema } from '@safelight/contract/uploads';

import { planReplacement, replaceByUpload, type ReplacementPlan } from '../collections/start-replacement.ts';
import { SafelightError } from '../lib/errors.ts';
import { discardReceived } from '../uploads/discard-received.ts';
import { receiveInto } from '../uploads/receive-file.ts';
import { registerReceived, type KeepRegistered, type Registered } from '../uploads/register-received.ts';
import type { ReceivedFile } from '../uploads/received-file.ts';
import type { Handler } from './bind-operation.ts';
import type { RequestContext } from './request-context.ts';
import { readUploadForm } from './upload-form.ts';

/** Replaces a photo by one sent as a form with one file, or by one named by its upload. */
export const replaceMedia: Handler<'replaceMedia'> = async (ctx, { params, body }, { request, keepIn }) => {
  const answerOf = (replaced: Registered) => ({ status: 202, body: replaced, headers: { location: ctx.site.links.job(replaced.jobId) } });
  if (!request.isMultipart) return answerOf(await replaceByUpload(ctx, { ...params, ...body }));
  return answerOf(await fromForm(ctx, params.id, request, async (tx, replaced) => await keepIn?.(tx, answerOf(replaced))));
};

async function fromForm(ctx: RequestContext, id: string, request: Parameters<typeof readUploadForm>[0], keep: KeepRegistered) {
  const planned = await planReplacement(ctx, { id });
  const inItsName: RequestContext = { ...ctx, actor: { ...ctx.actor, id: planned.ownerId } };
  const { received, said } = await receiveOne(inItsName, planned, request);
  if (said !== undefined) received.plan.altText = said;
  return await registerReceived(inItsName, received, { claim: planned.claim, keep });
}

/** Receives the form's only file; the field `altText` may come before or after it. */
async function receiveOne(
  ctx: RequestContext,
  { plan }: ReplacementPlan,
  request: Parameters<typeof readUploadForm>[0],
): Promise<{ received: ReceivedFile; said: string | undefined }> {
  const files: ReceivedFile[] = [];
  try {
    let told = (): { altText?: string | undefined } => ({});
    await readUploadForm(request, replacementFormSchema, async (file, fields) => {
      if (files.length > 0)
        throw new SafelightError('invalid_request', 'One photo is replaced by one file. Send a single file.', {
          errors: [{ field: 'file', message: 'only one' }],
        });
      told = fields;
      files.push(await receiveInto(ctx, { ...file, plan }));
    });
    const [received] = files;
    if (received === undefined)
      throw new SafelightError('invalid_request', 'The form has no file. Send it in the field "file".', { errors: [{ field: 'file', message: 'missing' }] });
    return { received, said: told().altText };
  } catch (error) {
    for (const received of files) await discardReceived(ctx, received);
    throw error;
  }
}
