import { MediaLibrary, MediaUploader, useMediaUpload, type LibraryItem } from '@safelight/react';
import { useState } from 'react';

export type SeedProps = { apiPrefix: string; token: string; onUploaded?: (result: unknown) => void };

/** The upload page of the studio, as its own code has it. */
export function SeedPage({ apiPrefix, token, onUploaded }: SeedProps) {
  const headers = { Authorization: `Bearer ${token}` };
  const [items, setItems] = useState<LibraryItem[]>([]);
  const { upload, isUploading, progress, error, reset } = useMediaUpload({ apiPrefix, serviceName: 'studio', headers });

  return (
    <main>
      <h1>Upload</h1>
      <MediaUploader
        upload={upload}
        isUploading={isUploading}
        progress={progress}
        onUploadComplete={({ url, path, media }) => {
          onUploaded?.({ url, path, media });
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
    </main>
  );
}
