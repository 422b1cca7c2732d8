import type { Media } from '@safelight/client';
import type { FileUpload } from '@safelight/react/hooks';
import { useState } from 'react';

const recordOf = ({ task, result }: FileUpload): Media | null => task?.media ?? result?.media ?? null;

/** The upload whose record is looked at: the one that was selected, or else the newest that has one. */
export function useShownUpload(files: readonly FileUpload[]): { shown: { id: string; media: Media } | null; select: (id: string) => void } {
  const [selected, select] = useState<string | null>(null);
  const known = files.filter((file) => recordOf(file) !== null);
  const file = known.find(({ id }) => id === selected) ?? known.at(-1);
  const media = file ? recordOf(file) : null;
  return { shown: file && media ? { id: file.id, media } : null, select };
}
