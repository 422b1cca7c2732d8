'use client';
import { useEffect, useRef } from 'react';

import type { Labels } from './labels.ts';
import { isActive, type UploadsSnapshot } from './file-upload.ts';

/** Announces the beginning, the half, the end, and each failure with its reason, and nothing in between. */
export function useSpokenProgress({ files, isUploading, progress }: UploadsSnapshot, labels: Labels, say: (text: string) => void): void {
  const said = useRef({ isUploading: false, half: false, failed: new Set<string>(), from: 0, reason: '' });
  useEffect(() => {
    const before = said.current;
    const failed = files.filter(({ id, state }) => state === 'failed' && !before.failed.has(id));
    for (const { id } of failed) before.failed.add(id);
    const done = files.filter(({ state }) => state === 'done').length;
    if (isUploading && !before.isUploading) {
      said.current = { ...before, isUploading: true, half: false, from: done, reason: '' };
      say(labels.uploading(files.filter(isActive).length));
    } else if (failed.length > 0) {
      const last = failed.at(-1);
      before.reason = labels.failed(last?.name ?? '', last?.error?.detail ?? '');
      say(before.reason);
    } else if (isUploading && !before.half && (progress ?? 0) >= 0.5) {
      before.half = true;
      say(labels.half);
    }
    if (!isUploading && before.isUploading) {
      before.isUploading = false;
      // Together with the reason of a failure, which could be heard no more if the end followed at once.
      if (done > before.from) say([labels.uploaded(done - before.from), before.reason].filter(Boolean).join('. '));
    }
  }, [files, isUploading, progress, labels, say]);
}
