import { useEffect, useMemo, type ReactNode } from 'react';

import { useClient } from '../session/session.ts';
import { measurePicture } from './measure-picture.ts';
import { createUploadQueue } from './upload-queue.ts';
import { UploadsContext } from './uploads.ts';

export function UploadsProvider({ children }: { children: ReactNode }) {
  const client = useClient();
  const queue = useMemo(() => createUploadQueue(client, measurePicture), [client]);

  useEffect(() => {
    const warn = (event: BeforeUnloadEvent): void => {
      if (queue.getSnapshot().items.some(({ stage, task }) => stage === 'waiting' || task?.getSnapshot().state === 'uploading')) event.preventDefault();
    };
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [queue]);

  return <UploadsContext value={queue}>{children}</UploadsContext>;
}
