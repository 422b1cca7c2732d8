import { useSyncExternalStore } from 'react';

import { useLive } from './live.ts';

export type MediaProgress = { value: number | null; message: string | null };

const unknown: MediaProgress = { value: null, message: null };

/** How far the work on a record is, as last told; unknown when nothing was told, or when it has gone on to something else since. */
export function useMediaProgress(mediaId: string): MediaProgress {
  const { log } = useLive();
  const last = useSyncExternalStore(log.subscribe, () => log.getSnapshot().events.findLast(({ event }) => event.data.mediaId === mediaId)?.event);
  if (last === undefined || !('progress' in last.data)) return unknown;
  return { value: last.data.progress, message: last.data.message ?? null };
}
