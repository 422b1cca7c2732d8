'use client';
import type { FileSource } from '@safelight/client';

/** An object URL of the picture; null if it is no picture, or if the platform has no object URLs. */
export function previewOf(source: FileSource): string | null {
  if (!(source.type ?? '').startsWith('image/')) return null;
  if ('uri' in source) return source.uri;
  return globalThis.URL?.createObjectURL?.(source) ?? null;
}

export const releasePreview = (preview: string | null): void => void (preview?.startsWith('blob:') && URL.revokeObjectURL(preview));
