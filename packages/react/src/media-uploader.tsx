'use client';
import type { UploadResult } from '@safelight/client';
import { createContext, useCallback, useContext, useEffect, useMemo, useRef, useState, type DragEvent, type ReactNode } from 'react';

import { KitContext } from './context.ts';
import { droppedFiles } from './dropped-files.ts';
import { isUnsent, noUploads, type FileUpload, type Uploads, type UploadsSnapshot } from './file-upload.ts';
import { useLabels } from './use-labels.ts';
import { useAnnouncer } from './live-region.tsx';
import { both, frameOf, part, withRef, type FrameProps, type PartProps } from './part.tsx';
import { ProgressBar } from './progress-bar.tsx';
import { useKit, type KitOptions } from './provider.ts';
import { taskOf } from './task-of.ts';
import { UploadItem } from './upload-item.tsx';
import { createUploads, uploadsBehind } from './uploads.ts';
import { useKeptFocus } from './use-kept-focus.ts';
import { useLatest } from './use-latest.ts';
import { useMediaUpload, type MediaUploadOptions } from './use-media-upload.ts';
import { useStore } from './use-store.ts';
import { useSpokenProgress } from './use-spoken-progress.ts';

type UploaderContext = UploadsSnapshot & {
  add: (files: readonly File[]) => void;
  accept: string | undefined;
  multiple: boolean;
  disabled: boolean;
};
const Uploader = createContext<UploaderContext | null>(null);

function useUploader(): UploaderContext {
  const found = useContext(Uploader);
  if (!found) throw new Error('The parts of MediaUploader stand inside of MediaUploader.Root.');
  return found;
}

export type MediaUploaderProps<Result = UploadResult> = KitOptions &
  FrameProps<'div'> &
  Pick<MediaUploadOptions, 'collection' | 'entityType' | 'entityId' | 'purpose' | 'apiPrefix' | 'serviceName' | 'headers'> & {
    /** From `useMediaUpload`, or any function that uploads a file; without one, the uploader has its own. */
    upload?: ((file: File) => Promise<Result>) | undefined;
    /** The hook's state, for a function that does not report it. */
    isUploading?: boolean | undefined;
    progress?: number | null | undefined;
    /** Gets the chosen files instead of uploading them, to ask something first. */
    onFiles?: ((files: readonly File[]) => void) | undefined;
    onUploadComplete?: ((result: Result) => void) | undefined;
    onUploadError?: ((error: unknown, file: File) => void) | undefined;
    /** The `accept` of an `<input type="file">`. */
    accept?: string | undefined;
    /** Default true. */
    multiple?: boolean | undefined;
    disabled?: boolean | undefined;
    /** Whether a second button opens a phone's camera: no browser offers it by `accept` alone. */
    camera?: boolean | undefined;
    children?: ReactNode;
  };

const Frame = part('div', 'uploader');
const DropFrame = part('div', 'dropzone');
const Button = part('button', 'trigger');
const ListFrame = part('ul', 'files');
const Hint = part('p', 'hint');

/** The uploads behind the given function: those of the hook, or new ones that call it. */
function useUploads<Result>({ upload, collection, entityType, entityId, purpose, apiPrefix, serviceName, headers }: MediaUploaderProps<Result>): Uploads {
  const own = useMediaUpload({ collection, entityType, entityId, purpose, apiPrefix, serviceName, headers });
  const latest = useLatest(upload);
  const known = uploadsBehind(upload ?? own.upload);
  const foreign = useMemo(() => createUploads({ start: (file) => taskOf(async () => await latest()?.(file as File)) }), [latest]);
  useEffect(() => foreign.dispose, [foreign, known]);
  return known ?? foreign;
}

function Root<Result = UploadResult>(props: MediaUploaderProps<Result>): React.JSX.Element {
  const { accept, multiple = true, disabled = false, isUploading = false, progress, children, onFiles, onUploadComplete, onUploadError } = props;
  const kit = useKit(props);
  const uploads = useUploads(props);
  const snapshot = useStore(uploads, noUploads);
  const { say, region } = useAnnouncer();
  useSpokenProgress(snapshot, useLabels(props.labels), say);
  const callbacks = useLatest({ onFiles, onUploadComplete, onUploadError });
  const unsent = snapshot.files.some(isUnsent);
  useEffect(() => {
    if (!unsent) return undefined;
    const warn = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [unsent]);

  const add = useCallback(
    (files: readonly File[]): void => {
      const { onFiles: take } = callbacks();
      if (take) return take(files);
      uploads.add(files, {
        // The application's callbacks take whatever its own function resolves with, and what they have chosen.
        onComplete: (result) => callbacks().onUploadComplete?.(result as Result),
        onError: (error, { source }) => callbacks().onUploadError?.(error, source as File),
      });
    },
    [uploads, callbacks],
  );
  const focus = useKeptFocus();
  const busy = snapshot.isUploading || isUploading;
  const whole = snapshot.progress ?? progress ?? null;
  const value = useMemo<UploaderContext>(
    () => ({ ...snapshot, isUploading: busy, progress: whole, add, accept, multiple, disabled }),
    [snapshot, busy, whole, add, accept, multiple, disabled],
  );
  return (
    <KitContext.Provider value={kit}>
      <Uploader.Provider value={value}>
        <Frame {...frameOf(props)} {...focus} data-state={busy ? 'uploading' : 'idle'}>
          {children}
          {region}
        </Frame>
      </Uploader.Provider>
    </KitContext.Provider>
  );
}

/** Adds drag and drop; everything also works without it. */
function Dropzone(props: PartProps<'div'>): React.JSX.Element {
  const { add, disabled, multiple } = useUploader();
  const [depth, setDepth] = useState(0);
  const over = (event: DragEvent): void => void (!disabled && event.dataTransfer.types.includes('Files') && event.preventDefault());
  return (
    <DropFrame
      {...props}
      data-state={disabled ? 'disabled' : depth > 0 ? 'over' : 'idle'}
      onDragEnter={both(props.onDragEnter, (event) => {
        over(event);
        setDepth((before) => before + 1);
      })}
      onDragOver={both(props.onDragOver, over)}
      // Entering a child also fires a leave event on its parent, so the depth has to be counted.
      onDragLeave={both(props.onDragLeave, () => setDepth((before) => Math.max(0, before - 1)))}
      onDrop={both(props.onDrop, (event) => {
        over(event);
        setDepth(0);
        if (disabled) return;
        const take = (files: readonly File[]): void => add(multiple ? files : files.slice(0, 1));
        const files = droppedFiles(event.dataTransfer, take);
        if (files) take(files);
      })}
    />
  );
}

type ChooserProps = PartProps<'button'> & { capture?: 'environment' };

function Chooser({ capture, ...props }: ChooserProps): React.JSX.Element {
  const { add, accept, multiple, disabled } = useUploader();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <Button
        type="button"
        disabled={disabled}
        data-state={disabled ? 'disabled' : 'idle'}
        {...props}
        onClick={(event) => both(props.onClick, () => input.current?.click())(event)}
      />
      <input
        ref={input}
        type="file"
        hidden
        accept={capture ? 'image/*' : accept}
        multiple={multiple && !capture}
        {...(capture ? { capture } : {})}
        onChange={({ target }) => {
          // Copied before the input is cleared; clearing it allows the user to choose the same file again.
          const files = [...(target.files ?? [])];
          target.value = '';
          add(files);
        }}
      />
    </>
  );
}

function Trigger({ children, ...props }: PartProps<'button'>): React.JSX.Element {
  const labels = useLabels();
  return <Chooser {...props}>{children ?? labels.choose}</Chooser>;
}

function Camera({ children, ...props }: PartProps<'button'>): React.JSX.Element {
  const labels = useLabels();
  return (
    <Chooser data-state="camera" {...props} capture="environment">
      {children ?? labels.camera}
    </Chooser>
  );
}

export type UploaderListProps = Omit<PartProps<'ul'>, 'children'> & {
  children?: ((file: FileUpload) => ReactNode) | undefined;
  /** By default files are listed in the order in which they are sent. */
  newestFirst?: boolean | undefined;
};

function List({ children, newestFirst = false, ...props }: UploaderListProps): React.JSX.Element | null {
  const { files, isUploading } = useUploader();
  const labels = useLabels();
  if (files.length === 0) return null;
  return (
    <ListFrame aria-label={labels.files} data-state={isUploading ? 'uploading' : 'idle'} {...props}>
      {(newestFirst ? [...files].reverse() : files).map((file) => (children ? children(file) : <UploadItem key={file.id} file={file} />))}
    </ListFrame>
  );
}

function Progress(props: PartProps<'progress'>): React.JSX.Element | null {
  const { isUploading, progress, files } = useUploader();
  const labels = useLabels();
  if (!isUploading) return null;
  return <ProgressBar label={labels.uploading(Math.max(1, files.length))} {...props} value={progress} />;
}

function Whole<Result = UploadResult>({ camera = false, children, ...props }: MediaUploaderProps<Result>): React.JSX.Element {
  const labels = useLabels(props.labels);
  return (
    <Root {...props}>
      {children ?? (
        <>
          <Dropzone>
            <Trigger />
            {camera && <Camera />}
            <Hint>{labels.drop}</Hint>
          </Dropzone>
          <Progress />
          <List />
        </>
      )}
    </Root>
  );
}

/** Uploads files from a button, the camera or a drop, and shows the state of each. */
export const MediaUploader = Object.assign(withRef(Whole), {
  Root: withRef(Root),
  Dropzone: withRef(Dropzone),
  Trigger: withRef(Trigger),
  Camera: withRef(Camera),
  Progress: withRef(Progress),
  List: withRef(List),
  Item: UploadItem,
});
