import { MediaLibrary, MediaUploader, useMediaUpload, type LibraryItem } from '@safelight/react';
import { useState } from 'react';

export type UploadPageProps = { apiPrefix: string; token: string };

/** The upload page of the studio, unchanged from its own code. */
export function UploadPage({ apiPrefix, token }: UploadPageProps) {
  const headers = { Authorization: `Bearer ${token}` };
  const [items, setItems] = useState<LibraryItem[]>([]);
  const { upload, isUploading, progress, error, reset } = useMediaUpload({ apiPrefix, serviceName: 'studio', headers });

  return (
    <>
      <h1>Upload</h1>
      <MediaUploader
        upload={upload}
        isUploading={isUploading}
        progress={progress}
        onUploadComplete={({ url, path }) => {
          if (url && path) setItems((before) => [{ url, path }, ...before]);
        }}
      />
      {error && (
        <p role="alert">
          {error.message}{' '}
          <button type="button" onClick={reset}>
            Dismiss
          </button>
        </p>
      )}
      <MediaLibrary
        items={items}
        onDelete={async (path) => {
          const answer = await fetch(`${apiPrefix}/media/${path}`, { method: 'DELETE', headers });
          if (answer.ok) setItems((before) => before.filter((item) => item.path !== path));
        }}
      />
    </>
  );
}
