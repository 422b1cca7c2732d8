import { createFileCheck } from '@safelight/react/files';
import { createUploads, isUnsent, startWith } from '@safelight/react/hooks';
import { useEffect, useMemo, type ReactNode } from 'react';

import { useClient } from '../session/session.ts';
import { createArrivals } from './arrivals.ts';
import { UploadsContext } from './uploads.ts';

/** What is uploaded lives here, outside of the pages, so that going to another one interrupts nothing. */
export function UploadsProvider({ children }: { children: ReactNode }) {
  const client = useClient();
  const uploading = useMemo(() => {
    const fileCheck = createFileCheck(client);
    return { uploads: createUploads({ start: startWith(client), check: fileCheck.check }), arrivals: createArrivals(), fileCheck };
  }, [client]);
  const { uploads } = uploading;

  useEffect(() => {
    const warn = (event: BeforeUnloadEvent): void => {
      if (uploads.getSnapshot().files.some(isUnsent)) event.preventDefault();
    };
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [uploads]);

  return <UploadsContext value={uploading}>{children}</UploadsContext>;
}
