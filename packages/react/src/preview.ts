'use client';
import type { FileSource } from '@safelight/client';

/** An address of the picture itself; null where it is none, or where the platform has no such addresses. */
export function previewOf(source: FileSource): string | null {
  if (!(source.type ?? '').startsWith('image/')) return null;
  if ('uri' in source) return source.uri;
  return typeof URL !== 'undefined' && typeof URL.createObjectURL === 'function' ? URL.createObjectURL(source) : null;
}

export const releasePreview = (preview: string | null): void => void (preview?.startsWith('blob:') && URL.revokeObjectURL(preview));
