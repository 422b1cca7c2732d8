import { useEffect, useMemo, type ReactNode } from 'react';

import { useClient } from '../session/session.ts';
import { createArrivals } from './arrivals.ts';
import { readPictureHeader } from './read-picture-header.ts';
import { createUploadQueue, isUnsent } from './upload-queue.ts';
import { UploadsContext } from './uploads.ts';

export function UploadsProvider({ children }: { children: ReactNode }) {
  const client = useClient();
  const uploading = useMemo(() => ({ queue: createUploadQueue(client, readPictureHeader), arrivals: createArrivals() }), [client]);
  const { queue } = uploading;

  useEffect(() => {
    const warn = (event: BeforeUnloadEvent): void => {
      if (queue.getSnapshot().items.some(isUnsent)) event.preventDefault();
    };
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [queue]);

  return <UploadsContext value={uploading}>{children}</UploadsContext>;
}
