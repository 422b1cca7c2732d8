import { createContext, use, useSyncExternalStore } from 'react';

import type { UploadItem, UploadQueue } from './upload-queue.ts';

export const UploadsContext = createContext<UploadQueue | null>(null);

export function useUploadQueue(): UploadQueue {
  const queue = use(UploadsContext);
  if (queue === null) throw new Error('Only what stands below UploadsProvider can upload.');
  return queue;
}

export function useUploads(): readonly UploadItem[] {
  const queue = useUploadQueue();
  return useSyncExternalStore(queue.subscribe, queue.getSnapshot).items;
}
