import { MediaGallery, MediaUploader, type CollectionItem } from '@safelight/react';
import { FilePreview } from '@safelight/react/files';
import { useState } from 'react';

/** The preview of the file that was chosen last. */
export function PreviewPage() {
  const [file, choose] = useState<File | null>(null);
  return (
    <main>
      <h1>Preview</h1>
      <input type="file" aria-label="File" onChange={({ target }) => choose(target.files?.[0] ?? null)} />
      {file && <FilePreview source={file}>{file.name}</FilePreview>}
    </main>
  );
}

const draftOf = (file: File): CollectionItem => {
  const [key, preview] = [file.name, URL.createObjectURL(file)];
  return { key, file, preview, media: null, altText: null, purpose: null, upload: null, problem: null };
};

/** Files of an upload that never ends, and the same files as drafts of a collection. */
export function ChosenPage() {
  const [drafts, setDrafts] = useState<readonly CollectionItem[]>([]);
  return (
    <main>
      <h1>Chosen</h1>
      <MediaUploader upload={async () => await new Promise<never>(() => undefined)} />
      <input type="file" multiple aria-label="Drafts" onChange={({ target }) => setDrafts(Array.from(target.files ?? [], draftOf))} />
      <MediaGallery items={drafts} />
    </main>
  );
}
