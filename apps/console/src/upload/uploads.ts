import type { FileCheck } from '@safelight/react/files';
import type { FileUpload, Uploads } from '@safelight/react/hooks';
import { createContext, useContext, useSyncExternalStore } from 'react';

import type { Arrivals } from './arrivals.ts';

type Uploading = { uploads: Uploads; arrivals: Arrivals; fileCheck: FileCheck };

export const UploadsContext = createContext<Uploading | null>(null);

function useUploading(): Uploading {
  const uploading = useContext(UploadsContext);
  if (uploading === null) throw new Error('Only what stands below UploadsProvider can upload.');
  return uploading;
}

export const useUploads = (): Uploads => useUploading().uploads;
export const useArrivals = (): Arrivals => useUploading().arrivals;
export const useFileCheck = (): FileCheck => useUploading().fileCheck;

export function useFiles(): readonly FileUpload[] {
  const uploads = useUploads();
  return useSyncExternalStore(uploads.subscribe, uploads.getSnapshot).files;
}
