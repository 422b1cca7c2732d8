import { createContext, useContext, useSyncExternalStore } from 'react';

import type { Arrivals } from './arrivals.ts';
import type { UploadItem, UploadQueue } from './upload-queue.ts';

type Uploading = { queue: UploadQueue; arrivals: Arrivals };

export const UploadsContext = createContext<Uploading | null>(null);

function useUploading(): Uploading {
  const uploading = useContext(UploadsContext);
  if (uploading === null) throw new Error('Only what stands below UploadsProvider can upload.');
  return uploading;
}

export const useUploadQueue = (): UploadQueue => useUploading().queue;
export const useArrivals = (): Arrivals => useUploading().arrivals;

export function useUploads(): readonly UploadItem[] {
  const queue = useUploadQueue();
  return useSyncExternalStore(queue.subscribe, queue.getSnapshot).items;
}
