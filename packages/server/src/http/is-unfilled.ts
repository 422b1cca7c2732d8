import type { FormFile } from './part-queue.ts';

/** Whether a file has neither a name nor a byte: browsers send this for a file input that was left empty. */
export async function isUnfilled({ fileName, body }: FormFile): Promise<boolean> {
  if (fileName !== '' || body.readableLength > 0) return false;
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  body.once('readable', () => resolve(body.readableLength === 0)).once('close', () => resolve(true));
  body.once('error', reject);
  return await promise;
}
