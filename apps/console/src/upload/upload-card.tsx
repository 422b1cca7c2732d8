import { ProgressBar } from '@safelight/react';
import { describeBytes } from '../format/describe-bytes.ts';
import { Icon } from '../parts/icon.tsx';
import { ProblemNotice } from '../parts/problem-notice.tsx';
import { describeUpload } from './describe-upload.ts';
import { FilePreview } from './file-preview.tsx';
import type { UploadItem } from './upload-queue.ts';
import { UploadSteps } from './upload-steps.tsx';
import { useUploadQueue } from './uploads.ts';
import { useUploadSnapshot } from './use-upload-snapshot.ts';

type UploadCardProps = { item: UploadItem; inline: boolean; selected: boolean; onSelect: () => void };

export function UploadCard({ item, inline, selected, onSelect }: UploadCardProps) {
  const queue = useUploadQueue();
  const snapshot = useUploadSnapshot(item.task);
  const { file, stage, advice, destination } = item;
  const state = snapshot?.state ?? stage;
  const moving = state === 'uploading' || state === 'processing' || state === 'checking';
  const ended = state === 'done' || state === 'failed' || state === 'aborted';
  const words = describeUpload(item, snapshot);
  return (
    <li className="upload-card" data-state={state} data-selected={selected}>
      <FilePreview file={file} />
      <div className="upload-head">
        <p className="upload-name" title={file.name}>
          {file.name}
        </p>
        <p className="fine">
          {describeBytes(file.size)} · {destination.collection}
          {destination.entityId === undefined ? '' : ` · ${destination.entityType}/${destination.entityId}`}
        </p>
      </div>
      <div className="upload-body">
        {snapshot !== null && <UploadSteps snapshot={snapshot} inline={inline} />}
        {moving && <ProgressBar className="progress" value={snapshot?.progress ?? null} label={`${file.name}: ${state}`} />}
        {/* The percentage is there for those who look; ears are told the state, each time that it changes. */}
        <p className="upload-words" aria-hidden="true">
          {words}
        </p>
        <p className="visually-hidden" role="status">
          {`${file.name}: ${moving && snapshot?.waitingFor === null ? state : words}`}
        </p>
        {stage === 'held' && advice && (
          <div className="notice warn">
            <Icon name="alert" />
            <div className="notice-body">
              <p>{advice.detail}</p>
              <div className="actions">
                <button className="button small" type="button" onClick={() => queue.remove(item.key)}>
                  Leave it out
                </button>
              </div>
            </div>
          </div>
        )}
        {/* What the server has to refuse again is not offered again. */}
        {state === 'failed' && <ProblemNotice problem={snapshot?.error} onRetry={snapshot?.error?.retryable ? () => queue.start(item.key) : undefined} />}
        {state === 'aborted' && (
          <div className="actions">
            <button className="button small" type="button" onClick={() => queue.start(item.key)}>
              Upload after all
            </button>
          </div>
        )}
        {state === 'done' && !selected && (
          <div className="actions">
            <button className="button small" type="button" onClick={onSelect}>
              Show what became of it
            </button>
          </div>
        )}
      </div>
      <button
        className="icon-button"
        type="button"
        onClick={() => (moving ? item.task?.abort() : queue.remove(item.key))}
        aria-label={moving ? `Cancel ${file.name}` : `Remove ${file.name} from this list`}
        title={moving ? 'Cancel' : ended ? 'Remove from this list' : 'Leave it out'}
      >
        <Icon name="close" />
      </button>
    </li>
  );
}
