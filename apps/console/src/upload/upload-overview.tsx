import { ProgressBar, type FileUpload } from '@safelight/react';

import { describeBytes } from '@safelight/contract/describe-bytes';
import { describeSum, sumUpUploads } from './sum-up-uploads.ts';

/** All files together: how much has been sent, and whether the tab is still needed. */
export function UploadOverview({ files: all }: { files: readonly FileUpload[] }) {
  const sum = sumUpUploads(all);
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
