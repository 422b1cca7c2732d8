import type { MediaRules } from '@safelight/contract/media-rules';
import type { Destination } from '@safelight/contract/uploads';
import { useEffect, useRef, useSyncExternalStore } from 'react';

import { useArrivals, useUploads } from './uploads.ts';

/**
 * Sends what arrives to the place that is chosen at that moment. Where none is, the files wait until somebody says `send`: while the id of
 * a place is being typed, every letter of it would be a place.
 */
export function useArrivedFiles(
  destination: Destination | null,
  rules: MediaRules | undefined,
): { waiting: readonly File[]; send: () => void; leaveOut: () => void } {
  const arrivals = useArrivals();
  const uploads = useUploads();
  const { files } = useSyncExternalStore(arrivals.subscribe, arrivals.getSnapshot);
  const send = (): void => {
    if (destination === null || !rules) return;
    uploads.add(arrivals.take(), { destination });
  };
  const latest = useRef(send);
  useEffect(() => {
    latest.current = send;
  });
  const known = rules !== undefined;
  useEffect(() => {
    if (known && files.length > 0) latest.current();
  }, [files, known]);
  return { waiting: files, send, leaveOut: () => void arrivals.take() };
}
