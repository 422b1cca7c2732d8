import type { UploadSnapshot } from '@safelight/client';

import { Icon } from '../parts/icon.tsx';

const steps = [
  { state: 'checking', name: 'Check' },
  { state: 'uploading', name: 'Upload' },
  { state: 'processing', name: 'Process' },
  { state: 'done', name: 'Ready' },
] as const;

/** Which of its steps an upload has behind it, is in, or failed at. */
export function UploadSteps({ snapshot, inline }: { snapshot: UploadSnapshot; inline: boolean }) {
  const own = inline ? steps.filter(({ state }) => state !== 'processing') : steps;
  const ended = snapshot.state === 'failed' || snapshot.state === 'aborted';
  const at = ended ? own.findIndex(({ state }) => state === stepOfEnd(snapshot, inline)) : own.findIndex(({ state }) => state === snapshot.state);
  return (
    <ol className="steps" aria-label="Steps">
      {own.map(({ state, name }, index) => {
        const done = index < at || snapshot.state === 'done';
        const status = done ? 'done' : index > at ? 'ahead' : ended ? 'failed' : 'now';
        return (
          <li key={state} data-status={status} aria-current={status === 'now' ? 'step' : undefined}>
            <span className="step-mark" aria-hidden="true">
              {done && <Icon name="check" />}
              {status === 'failed' && <Icon name="close" />}
            </span>
            {name}
          </li>
        );
      })}
    </ol>
  );
}

/** Where it ended: a record exists from the moment that the server has all its bytes. */
function stepOfEnd({ media, bytesSent }: UploadSnapshot, inline: boolean): UploadSnapshot['state'] {
  if (media !== null && !inline) return 'processing';
  return bytesSent > 0 || inline ? 'uploading' : 'checking';
}
