import type { UploadContext } from './upload-context.ts';
import type { ReceivedFile } from './received-file.ts';

type Stored = Pick<ReceivedFile, 'isUnnamed' | 'locator' | 'uploadId'>;

/** So many get their names while their senders have the answer. Beyond that uploads come faster than the disk takes names, and wait for it. */
const mostUnawaited = 64;
let unawaited = 0;

/** Gives stored bytes their name. Nothing depends on it: whoever reads the object gives it the name too, and so does the sweeper. */
export async function nameStored(ctx: UploadContext, { isUnnamed, locator, uploadId }: Stored): Promise<void> {
  if (isUnnamed !== true) return;
  try {
    await ctx.site.stores.of(locator).unnamed?.publish(locator.key);
  } catch (error) {
    ctx.log.warn({ err: error, uploadId }, 'a stored object could not be given its name yet; its first reader will, or the sweeper');
  }
}

/** The same for an answer that need not wait for it; those who read the object at once find it all the same. */
export async function nameStoredMeanwhile(ctx: UploadContext, stored: Stored): Promise<void> {
  unawaited += 1;
  const named = nameStored(ctx, stored).finally(() => (unawaited -= 1));
  if (unawaited > mostUnawaited) await named;
}
