'use client';
import type { FileSource } from '@safelight/client';
import { useEffect, useState } from 'react';

import { isQuicklyDecoded } from './is-quickly-decoded.ts';
import { readPictureHeader } from './read-picture-header.ts';

/**
 * The object URL of a chosen picture once its header says that a browser decodes it within a moment, else null: a few kilobytes can decode to
 * hundreds of megapixels, and an `<img>` of them freezes the page.
 */
export function useQuickPreview(source: FileSource | null, preview: string | null): string | null {
  const [quick, setQuick] = useState<string | null>(null);
  useEffect(() => {
    let isOver = false;
    if (source && !('uri' in source))
      readPictureHeader(source).then(
        (header) => void (!isOver && header && isQuicklyDecoded(header) && setQuick(preview)),
        // A file that cannot be read any more has no preview; its upload says why.
        () => undefined,
      );
    return () => void (isOver = true);
  }, [source, preview]);
  return preview === quick ? quick : null;
}
