import { giveBack } from '../lib/give-back.ts';
import { appendBytes, type AppendBytes } from './append-bytes.ts';
import type { KnownOfUpload } from './complete-upload.ts';
import { finishResumable } from './finish-resumable.ts';
import type { ResumableContext } from './hold-upload.ts';
import { takeWhole } from './take-whole.ts';

/** Takes the bytes of one request and completes the upload if they are its last; returns the offset after them. */
export async function receiveResumable(ctx: ResumableContext, input: AppendBytes, known: KnownOfUpload): Promise<number> {
  const { isTaken, begun } = await takeWhole(ctx, input, known);
  if (isTaken) {
    const bytes = begun.reduce((sum, chunk) => sum + chunk.length, 0);
    giveBack(begun);
    return bytes;
  }
  const { session, object, stored, offset } = await appendBytes(ctx, { ...input, object: known.object, begun });
  await finishResumable(ctx, session, { ...known, ...(object && { object }), ...(stored && { stored }) });
  return offset;
}
