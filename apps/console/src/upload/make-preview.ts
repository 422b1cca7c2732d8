import { readPictureHeader, type PictureHeader } from './read-picture-header.ts';

/** Of the preview, in pixels of the screen: twice what the card shows, for fine screens. */
export const previewSide = 144;

/** What a browser decodes within a moment. Larger pictures are sent all the same; only their preview waits for the server's. */
const mostPixels = 52_000_000;
const mostWork = 500_000_000;
const mostStretched = 20;

export const isQuicklyDecoded = ({ width, height, passes }: PictureHeader): boolean =>
  width * height <= mostPixels && width * height * passes <= mostWork && Math.max(width / height, height / width) <= mostStretched;

let last: Promise<unknown> = Promise.resolve();

/**
 * A small picture of a file, decoded beside the page's own thread, one file after the other; null where this browser cannot read it,
 * or not within a moment.
 */
export function makePreview(file: Blob, signal: AbortSignal): Promise<ImageBitmap | null> {
  const made = last.then(async () => {
    if (signal.aborted) return null;
    const header = await readPictureHeader(file);
    if (header === null || !isQuicklyDecoded(header)) return null;
    const side = header.width < header.height ? { resizeWidth: previewSide } : { resizeHeight: previewSide };
    return await createImageBitmap(file, { ...side, resizeQuality: 'medium' });
  });
  // A file that cannot be read or decoded has no preview; what is wrong with it, the server says.
  last = made.catch(() => null);
  return made.catch(() => null);
}
