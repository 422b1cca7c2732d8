import { createClient, type Media } from '@safelight/client';
import {
  GeneratePanel,
  MediaAudio,
  MediaGallery,
  MediaLibrary,
  MediaUploader,
  MediaVideo,
  ProgressBar,
  SafelightProvider,
  useJob,
  useMediaCollection,
  useMediaLibrary,
  useMediaUpload,
  type GeneratePanelProps,
} from '@safelight/react';
import { german } from '@safelight/react/german';
import { MediaReview } from '@safelight/react/review';
import { useMemo, type ReactNode } from 'react';

type Signed = { token: string };

function Signed({ token, children, inGerman = false }: Signed & { children: ReactNode; inGerman?: boolean }) {
  const client = useMemo(() => createClient({ baseURL: '', token }), [token]);
  return (
    <SafelightProvider client={client} {...(inGerman ? { labels: german } : {})}>
      {children}
    </SafelightProvider>
  );
}

/** An uploader of its own, in parts, with everything that can be done to a file. */
export function UploadPage({ token, ...destination }: Signed & { collection?: string; entityType?: string; entityId?: string }) {
  return (
    <Signed token={token}>
      <main>
        <h1>Upload</h1>
        <MediaUploader {...destination} camera />
      </main>
    </Signed>
  );
}

function countingHeaders(token: string) {
  let asked = 0;
  return () => {
    asked += 1;
    return { authorization: `Bearer ${token}`, 'x-asked': String(asked) };
  };
}

/** Headers that are read for each attempt, counted. */
export function CountingPage({ token }: Signed) {
  const headers = useMemo(() => countingHeaders(token), [token]);
  const { upload } = useMediaUpload({ headers, collection: 'user.library' });
  return (
    <main>
      <h1>Upload</h1>
      <MediaUploader upload={upload} />
    </main>
  );
}

/** A function of the application's own, which knows nothing of the kit. */
export function ForeignPage() {
  return (
    <main>
      <h1>Upload</h1>
      <MediaUploader
        upload={async (file: File) => {
          if (file.name.includes('endless')) await new Promise(() => undefined);
          if (file.name.includes('bad')) throw new Error('We do not want this one.');
          return await Promise.resolve({ name: file.name });
        }}
        onUploadComplete={({ name }) => document.body.setAttribute('data-completed', name)}
      />
    </main>
  );
}

export function LibraryPage({ token, inGerman = false }: Signed & { inGerman?: boolean }) {
  return (
    <Signed token={token} inGerman={inGerman}>
      <Library />
    </Signed>
  );
}

function Library() {
  const library = useMediaLibrary({ collection: 'user.library' });
  return (
    <main>
      <h1>Library</h1>
      <MediaLibrary {...library} />
    </main>
  );
}

export function CollectionPage({ token, id }: Signed & { id: string }) {
  return (
    <Signed token={token}>
      <EditForm id={id} />
    </Signed>
  );
}

function EditForm({ id }: { id: string }) {
  const form = useMediaCollection({ type: 'artist', id, collection: 'artist.images' });
  return (
    <main>
      <h1>Gallery</h1>
      <label>
        Add <input type="file" multiple onChange={({ target }) => form.addFiles(target.files ?? [])} />
      </label>
      <MediaGallery items={form.items} onMove={form.move} onRemove={form.remove} />
      <p>{form.isDirty ? 'Changed' : form.isLoading ? 'Loading' : 'Saved'}</p>
      {form.conflict && <p role="alert">{`Somebody else was first: ${form.conflict.added.length} added, ${form.conflict.removed.length} removed`}</p>}
      {form.error && <p role="alert">{form.error.detail}</p>}
      <button type="button" disabled={form.isSaving} onClick={() => void form.save()}>
        Save
      </button>
    </main>
  );
}

export function GeneratePage({ token, request }: Signed & Pick<GeneratePanelProps, 'request'>) {
  return (
    <Signed token={token}>
      <main>
        <h1>Generate</h1>
        <GeneratePanel mostResults={4} request={request} />
      </main>
    </Signed>
  );
}

export function JobPage({ token, jobId }: Signed & { jobId: string | null }) {
  return (
    <Signed token={token}>
      <Job jobId={jobId} />
    </Signed>
  );
}

function Job({ jobId }: { jobId: string | null }) {
  const { job, progress, isDone, error, cancel } = useJob(jobId);
  return (
    <main>
      <h1>Job</h1>
      <p>{job === null ? 'nothing' : `${job.type} ${job.state}${isDone ? ', ended' : ''}`}</p>
      {progress !== null && <ProgressBar value={progress} label="Progress of the job" />}
      {error && <p role="alert">{error.detail}</p>}
      <button type="button" onClick={() => void cancel()}>
        Cancel
      </button>
    </main>
  );
}

/** A recording of the product, by the kit's own players. */
export function RecordingPage({ media, preview = false }: { media: Media; preview?: boolean }) {
  return (
    <main>
      <h1>{media.originalFileName}</h1>
      {media.kind === 'audio' ? <MediaAudio media={media} /> : <MediaVideo media={media} preview={preview} />}
    </main>
  );
}

/** A library whose pictures open, of generated media, one of which has no picture. */
export function OpeningPage({ media }: { media: readonly Media[] }) {
  return (
    <main>
      <h1>Library</h1>
      <MediaLibrary items={media} onOpen={() => undefined} onDelete={() => undefined} />
    </main>
  );
}

/** The moderators' queue in an admin of somebody else's. */
export function ReviewPage({ token, collection }: Signed & { collection: string }) {
  return (
    <Signed token={token}>
      <main>
        <h1>Admin</h1>
        <MediaReview collection={collection} />
      </main>
    </Signed>
  );
}
