import { MediaUploader, type FileUpload } from '@safelight/react';
import type { MediaRules } from '@safelight/contract/media-rules';

import { UploadCard } from './upload-card.tsx';
import { UploadOverview } from './upload-overview.tsx';

type UploadListProps = { files: readonly FileUpload[]; rules: readonly MediaRules[]; shownId: string | null; onSelect: (id: string) => void };

/** It has not arrived, and nothing that this page does makes it arrive. */
const isRefused = ({ state }: FileUpload): boolean => state === 'held' || state === 'failed';
const isDone = ({ state }: FileUpload): boolean => state === 'done';
const removeAll = (files: readonly FileUpload[]): void => files.forEach((file) => file.remove());

/** What was chosen, the newest first. Stands inside of `MediaUploader.Root`. */
export function UploadList({ files, rules, shownId, onSelect }: UploadListProps) {
  if (files.length === 0) return null;
  const refused = files.filter(isRefused);
  const done = files.filter(isDone);
  const isInline = (collection: string | null | undefined): boolean => rules.find((rule) => rule.collection === collection)?.ingest === 'inline';
  return (
    <section className="uploads" aria-labelledby="uploads-head">
      <header className="section-head">
        <h2 id="uploads-head">{files.length === 1 ? 'One file' : `${files.length} files`}</h2>
        <div className="actions">
          {refused.length > 0 && (
            <button className="button small" type="button" onClick={() => removeAll(refused)}>
              {refused.length === 1 ? 'Leave out the one that was refused' : `Leave out all ${refused.length} that were refused`}
            </button>
          )}
          {done.length > 0 && (
            <button className="button small quiet" type="button" onClick={() => removeAll(done)}>
              Clear the ready ones
            </button>
          )}
        </div>
      </header>
      <UploadOverview files={files} />
      <MediaUploader.List newestFirst>
        {(file) => (
          <UploadCard
            key={file.id}
            file={file}
            inline={isInline(file.destination.collection)}
            selected={file.id === shownId}
            onSelect={() => onSelect(file.id)}
          />
        )}
      </MediaUploader.List>
    </section>
  );
}
