import { MediaUploader, ProgressBar, type FileUpload } from '@safelight/react';

import { describeBytes } from '@safelight/contract/describe-bytes';
import { Icon } from '../parts/icon.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { describeUpload } from './describe-upload.ts';
import { FilePreview } from './file-preview.tsx';
import { sizeOf } from './sum-up-uploads.ts';
import { UploadSteps } from './upload-steps.tsx';

type UploadCardProps = { file: FileUpload; inline: boolean; selected: boolean; onSelect: () => void };

/** Between being chosen and its end. */
const isMoving = ({ state }: FileUpload): boolean => state === 'uploading' || state === 'processing' || state === 'checking';

/** A file that was chosen: how it looks, how far it is, what is in its way. */
export function UploadCard({ file, inline, selected, onSelect }: UploadCardProps) {
  const { name, state, source, destination, progress, task } = file;
  const words = describeUpload(file);
  return (
    <MediaUploader.Item file={file} className="upload-card" aria-current={selected ? 'true' : undefined}>
      <FilePreview source={source} name={name} />
      <div className="upload-head">
        <p className="upload-name" dir="auto" title={name}>
          {name}
        </p>
        <p className="fine">
          {describeBytes(sizeOf(file))} · {destination.collection}
          {destination.entityId === undefined ? '' : ` · ${destination.entityType}/${destination.entityId}`}
        </p>
      </div>
      <div className="upload-body">
        {task !== null && <UploadSteps snapshot={task} inline={inline} />}
        {isMoving(file) && <ProgressBar className="progress" value={progress} label={`${name}: ${state}`} />}
        {/* The percentage is there for those who look; ears are told the state, each time that it changes. */}
        <p className="upload-words" aria-hidden="true">
          {words}
        </p>
        <p className="visually-hidden" role="status">
          {`${name}: ${isMoving(file) && task?.waitingFor === null ? state : words}`}
        </p>
        <Actions file={file} selected={selected} onSelect={onSelect} />
      </div>
      <Close file={file} />
    </MediaUploader.Item>
  );
}

/** What can be done about it as it is. What the server has to refuse again is not offered again. */
function Actions({ file, selected, onSelect }: Pick<UploadCardProps, 'file' | 'selected' | 'onSelect'>) {
  const { state, advice, error } = file;
  if (state === 'held' && advice) return <Held file={file} />;
  if (state === 'failed') return <ProblemNotice problem={error} onRetry={error?.retryable ? file.retry : undefined} />;
  const [words, act] = state === 'aborted' ? ['Upload after all', file.retry] : state === 'done' && !selected ? ['Show what became of it', onSelect] : [];
  if (words === undefined) return null;
  return (
    <div className="actions">
      <button className="button small" type="button" onClick={act}>
        {words}
      </button>
    </div>
  );
}

function Held({ file: { advice, remove } }: { file: FileUpload }) {
  return (
    <div className="notice warn">
      <Icon name="alert" />
      <div className="notice-body">
        <p>{advice?.detail}</p>
        <div className="actions">
          <button className="button small" type="button" onClick={remove}>
            Leave it out
          </button>
        </div>
      </div>
    </div>
  );
}

function Close({ file }: { file: FileUpload }) {
  const { name, state, abort, remove } = file;
  const moving = isMoving(file);
  const ended = state === 'done' || state === 'failed' || state === 'aborted';
  return (
    <button
      className="icon-button"
      type="button"
      onClick={moving ? abort : remove}
      aria-label={moving ? `Cancel ${name}` : `Remove ${name} from this list`}
      title={moving ? 'Cancel' : ended ? 'Remove from this list' : 'Leave it out'}
    >
      <Icon name="close" />
    </button>
  );
}
