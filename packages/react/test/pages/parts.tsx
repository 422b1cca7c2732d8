import { createStore, untouched, type UploadSnapshot, type UploadTask } from '@safelight/client';
import * as kit from '@safelight/react';
import { createUploads, english, SafelightProvider, type Labels, type RenderedProps } from '@safelight/react';
import { FilePreview } from '@safelight/react/files';
import { english as reviewEnglish, MediaReview, type ReviewLabels } from '@safelight/react/review';
import { useEffect, useMemo, type ComponentType, type ReactNode } from 'react';

import { recordOf } from './record-of.ts';

type Loose = ComponentType<Record<string, unknown>>;
type Whole = Loose & Record<string, Loose>;

const { MediaUploader, MediaLibrary, MediaGallery } = kit as unknown as Record<string, Whole>;

/** Every exported component, and every part of one, by the name that an application knows it by. */
function allParts(): [string, Loose][] {
  const isComponent = (name: string, value: unknown): boolean => /^[A-Z]/.test(name) && (typeof value === 'function' || typeof value === 'object');
  return Object.entries({ ...kit, MediaReview, FilePreview })
    .filter(([name, value]) => isComponent(name, value) && name !== 'SafelightProvider')
    .flatMap(([name, value]): [string, Loose][] => [
      [name, value as Loose],
      ...Object.entries(value).flatMap(([part, inner]): [string, Loose][] => (isComponent(part, inner) ? [[`${name}.${part}`, inner as Loose]] : [])),
    ]);
}

const endless: UploadTask = {
  ...createStore<UploadSnapshot>({ ...untouched, state: 'uploading', progress: 0.5, bytesSent: 1, bytesTotal: 2 }),
  result: new Promise(() => undefined),
  abort: () => undefined,
  pause: () => undefined,
  resume: () => undefined,
};
const record = recordOf('a');

/** What a part is about. */
const about: Record<string, Record<string, unknown>> = {
  MediaImage: { media: record },
  MediaVideo: { media: { ...record, kind: 'video' } },
  MediaAudio: { media: { ...record, kind: 'audio', durationMs: 1000 } },
  MediaLibrary: { items: [record], onDelete: () => undefined, onRestore: () => undefined, onOpen: () => undefined, hasMore: true, loadMore: () => undefined },
  'MediaLibrary.Item': { item: record, onDelete: () => undefined },
  MediaGallery: { items: [record, recordOf('b')], onMove: () => undefined, onRemove: () => undefined },
  'MediaGallery.Item': { item: record },
  'MediaGallery.Handle': { item: record },
  FilePreview: { source: new File(['a'], 'a.txt') },
  ProgressBar: { value: 0.5, label: '1' },
  MediaUploader: { camera: true },
};

function Placed({
  name,
  props,
  part: Part,
  upload,
  file,
}: {
  name: string;
  props: Record<string, unknown>;
  part: Loose;
  upload: unknown;
  file: unknown;
}): ReactNode {
  const whole = (
    <Part
      {...about[name]}
      {...(name === 'MediaUploader' || name === 'MediaUploader.Root' ? { upload } : {})}
      {...(name === 'MediaUploader.Item' ? { file } : {})}
      {...props}
    />
  );
  if (!name.startsWith('MediaUploader.') || name === 'MediaUploader.Root' || !MediaUploader?.['Root']) return whole;
  const { Root } = MediaUploader;
  return <Root upload={upload}>{whole}</Root>;
}

type PartsPageProps = { rendered?: boolean; unstyled?: boolean; marked?: boolean };

/** Words that say which label they are, to find those that are of none. */
const marked = <Texts extends object>(texts: Texts): Texts =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, typeof text === 'function' ? () => `⟦${name}⟧` : `⟦${name}⟧`])) as Texts;

/** All of the kit at once: each part with a class, a ref and, if so, another element in its place. */
export function PartsPage({ rendered = false, unstyled = false, marked: isMarked = false }: PartsPageProps) {
  const uploads = useMemo(() => createUploads({ start: () => endless }), []);
  useEffect(() => {
    uploads.add([new File(['a'], 'a.txt')]);
    return uploads.dispose;
  }, [uploads]);
  const [file] = useMemo(() => createUploads({ start: () => endless }).add([new File(['a'], 'a.txt')]), []);
  const props = (name: string): Record<string, unknown> => ({
    className: 'mine',
    ref: (element: Element | null) => element?.closest('[data-part]')?.setAttribute('data-ref', element.tagName),
    ...(rendered ? { render: (given: RenderedProps) => <section data-rendered="" {...given} /> } : {}),
    ...(name === 'MediaReview' && isMarked ? { labels: marked<ReviewLabels>(reviewEnglish) } : {}),
  });
  return (
    <SafelightProvider unstyled={unstyled} labels={isMarked ? marked<Labels>(english) : undefined}>
      <h1>1</h1>
      {allParts().map(([name, part]) => (
        <div key={name} data-part={name}>
          <Placed name={name} part={part} props={props(name)} upload={uploads.upload} file={file} />
        </div>
      ))}
      {MediaLibrary && <MediaLibrary items={[]} />}
      {MediaGallery && <MediaGallery items={[]} />}
    </SafelightProvider>
  );
}
