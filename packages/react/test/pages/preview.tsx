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
