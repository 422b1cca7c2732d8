'use client';
import { useState } from 'react';

import { useLabels } from './use-labels.ts';
import { part, withRef, type PartProps } from './part.tsx';
import { ProgressBar } from './progress-bar.tsx';
import { Glyph } from './glyph.tsx';
import type { FileUpload } from './file-upload.ts';
import { useQuickPreview } from './use-quick-preview.ts';

const Row = part('li', 'file');
const Thumb = part('span', 'thumb');
const Words = part('span', 'words');
const Name = part('span', 'name');
const State = part('span', 'state');
const Action = part('button', 'action');

export type UploadItemProps = PartProps<'li'> & { file: FileUpload };

/** One file: its preview, its progress and its actions; or the children, if there are any. */
export const UploadItem = withRef(function Item({ file, children, ...props }: UploadItemProps): React.JSX.Element {
  return (
    <Row data-state={file.state} {...props}>
      {children ?? <Whole file={file} />}
    </Row>
  );
});

/** No retry if the server would refuse the file again. */
const mayRetry = ({ state, error }: FileUpload): boolean => state === 'aborted' || (state === 'failed' && error?.retryable === true);

function Whole({ file }: { file: FileUpload }): React.JSX.Element {
  const labels = useLabels();
  const { name, state, progress, error, advice, task } = file;
  const isMoving = state === 'uploading' || state === 'processing' || state === 'checking';
  const percent = progress === null ? null : Math.round(progress * 100);
  const wait = task?.waitingFor && labels.waitingFor(task.waitingFor, task.message ?? '');
  return (
    <>
      <Preview file={file} />
      <Words>
        <Name title={name}>{name}</Name>
        <State>{error?.detail ?? advice?.detail ?? wait ?? task?.message ?? labels.stateOf(state, percent)}</State>
        {isMoving && <ProgressBar value={progress} label={`${name}: ${labels.stateOf(state, null)}`} />}
      </Words>
      {state === 'uploading' && task?.isPaused === true && (
        <Action type="button" onClick={file.resume} aria-label={labels.resume(name)}>
          <Glyph d="M3 1.5v13l11-6.5z" />
        </Action>
      )}
      {mayRetry(file) && (
        <Action type="button" onClick={file.retry} aria-label={labels.retry(name)}>
          <Glyph d="M8 2a6 6 0 1 0 5.7 4.1l-1.9.6A4 4 0 1 1 8 4v3l5-4-5-4z" />
        </Action>
      )}
      <Action type="button" onClick={isMoving ? file.abort : file.remove} aria-label={(isMoving ? labels.abort : labels.remove)(name)}>
        <Glyph d="m3 4 1-1 4 4 4-4 1 1-4 4 4 4-1 1-4-4-4 4-1-1 4-4z" />
      </Action>
    </>
  );
}

/** The server's picture once there is one, else that of the file. A picture that the browser cannot display, such as HEIC, is shown as a placeholder. */
function Preview({ file: { result, source, preview, name } }: { file: FileUpload }): React.JSX.Element {
  const [broken, setBroken] = useState<string | null>(null);
  const own = useQuickPreview(source, preview);
  const src = result?.media?.thumbnailSrc ?? own;
  const isShown = src !== null && src !== broken;
  return (
    <Thumb data-state={isShown ? 'shown' : 'none'} aria-hidden="true">
      {isShown ? (
        <img key={src} src={src} alt="" loading="lazy" decoding="async" onError={() => setBroken(src)} />
      ) : (
        <span>{(name.split('.').at(-1) ?? '').slice(0, 4)}</span>
      )}
    </Thumb>
  );
}
