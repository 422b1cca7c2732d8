import { MediaUploader, useMediaUpload } from '@safelight/react';
import { useState } from 'react';

import { mediaToken } from '../shared/media-token.ts';

const headers = async (): Promise<Record<string, string>> => ({ authorization: `Bearer ${await mediaToken()}` });

/** An upload to the user's library; the pages' own server passes `/v1` on to Safelight. */
export function UploadPage(): React.JSX.Element {
  const [shown, setShown] = useState<string | null>(null);
  const { upload, isUploading, progress, error, reset } = useMediaUpload({ apiPrefix: '/v1', serviceName: 'studio', headers });
  return (
    <>
      <h1>Upload</h1>
      <p className="soft">Pictures, videos and sound for your library. Only you have the addresses.</p>
      <MediaUploader upload={upload} isUploading={isUploading} progress={progress} onUploadComplete={({ url }) => setShown(url)} />
      {error && (
        <p className="problem" role="alert">
          {error.detail} <button onClick={reset}>Start again</button>
        </p>
      )}
      {shown !== null && (
        <p>
          It is there: <a href={shown}>open it</a>, or find it in the <a href="#/library">library</a>.
        </p>
      )}
    </>
  );
}
