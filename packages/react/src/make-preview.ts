'use client';
import { isQuicklyDecoded } from './is-quickly-decoded.ts';
import { readPictureHeader } from './read-picture-header.ts';

/**
 * Width and height of a preview in pixels: sharp at 72 CSS pixels on a screen that has two pixels for each.
 * @internal
 */
export const previewSide = 144;

let last: Promise<unknown> = Promise.resolve();

/**
 * The picture, with a shorter side of `previewSide` pixels. The browser decodes it outside of the main thread, and one file after the other, because
 * a user may choose hundreds. Null if this browser cannot decode the file, or not within a moment.
 * @internal
 */
export function makePreview(file: Blob, signal: AbortSignal): Promise<ImageBitmap | null> {
  const made = last.then(async () => {
    if (signal.aborted) return null;
    const header = await readPictureHeader(file);
    if (header === null || !isQuicklyDecoded(header)) return null;
    const side = header.width < header.height ? { resizeWidth: previewSide } : { resizeHeight: previewSide };
    return await createImageBitmap(file, { ...side, resizeQuality: 'medium' });
  });
  // A file that cannot be decoded has no preview. What is wrong with it, the server says.
  const settled = made.catch(() => null);
  last = settled;
  return settled;
}
