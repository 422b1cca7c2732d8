import type { PictureSize } from './upload-queue.ts';

/** Upright width and height, or null for what this browser cannot read: HEIC in most of them, and anything that is no picture. */
export async function measurePicture(file: File): Promise<PictureSize | null> {
  if (!file.type.startsWith('image/')) return null;
  const url = URL.createObjectURL(file);
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    return { width: image.naturalWidth, height: image.naturalHeight };
  } catch {
    return null;
  } finally {
    URL.revokeObjectURL(url);
  }
}
