import { giveBack } from '../lib/give-back.ts';
import { appendBytes, type AppendBytes } from './append-bytes.ts';
import { foundWith, type KnownOfUpload } from './complete-upload.ts';
import { finishResumable } from './finish-resumable.ts';
import type { ResumableContext } from './hold-upload.ts';
import { takeOpened } from './opened-here.ts';
import type { FoundSession, UploadSession } from './session-rows.ts';
import { takeWhole } from './take-whole.ts';

/** The offset after the bytes of one request, and the upload before them. */
export type ReceivedBytes = { offset: number; session: UploadSession };
type Input = Omit<AppendBytes, 'session' | 'object' | 'begun'> & {
  uploadId: string;
  /** Reads the upload for its sender, or refuses. Not called for one that this process has just opened and that comes as a whole. */
  find(): Promise<FoundSession>;
};

/** Takes the bytes of one request and completes the upload if they are its last. */
export async function receiveResumable(ctx: ResumableContext, { uploadId, find, ...input }: Input): Promise<ReceivedBytes> {
  const opened = takeOpened(ctx, uploadId);
  const first = opened && (await takeWhole(ctx, { ...input, session: opened }, { ...foundWith(opened), ruled: opened.ruled }));
  if (opened !== null && first?.isTaken === true) return { session: opened, offset: lengthOf(first.begun) };
  const session = await find();
  return { session, offset: await receiveFound(ctx, { ...input, session, begun: first?.begun ?? [] }, foundWith(session)) };
}

async function receiveFound(ctx: ResumableContext, input: AppendBytes, known: KnownOfUpload): Promise<number> {
  const { isTaken, begun } = await takeWhole(ctx, input, known);
  if (isTaken) return lengthOf(begun);
  const { session, object, stored, offset } = await appendBytes(ctx, { ...input, object: known.object, begun });
  await finishResumable(ctx, session, { ...known, ...(object && { object }), ...(stored && { stored }) });
  return offset;
}

/** Of bytes that nobody reads any more. */
function lengthOf(pieces: readonly Buffer[]): number {
  const bytes = pieces.reduce((sum, { length }) => sum + length, 0);
  giveBack(pieces);
  return bytes;
}
