import { ProgressBar } from '@safelight/react';
import { useEffect, useReducer } from 'react';

import { describeBytes } from '../format/describe-bytes.ts';
import { describeSum, sumUpUploads } from './sum-up-uploads.ts';
import type { UploadItem } from './upload-queue.ts';

/** All files together: how much has been sent, and whether the tab is still needed. */
export function UploadOverview({ items }: { items: readonly UploadItem[] }) {
  const [, lookAgain] = useReducer((turn: number) => turn + 1, 0);
  useEffect(() => {
    const stops = items.map(({ task }) => task?.subscribe(lookAgain));
    // What changed between the drawing and now.
    lookAgain();
    return () => stops.forEach((stop) => stop?.());
  }, [items]);
  const sum = sumUpUploads(items);
  const { files, filesSent, bytes, bytesSent } = sum;
  return (
    <div className="upload-overview">
      {filesSent < files && (
        <>
          <ProgressBar className="progress" value={bytes === 0 ? null : bytesSent / bytes} label="All files together" />
          <p className="upload-words" aria-hidden="true">
            {describeBytes(bytesSent)} of {describeBytes(bytes)}
          </p>
        </>
      )}
      <p role="status">{describeSum(sum)}</p>
    </div>
  );
}
