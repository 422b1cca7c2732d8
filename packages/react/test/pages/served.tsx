import { MediaAudio, MediaGallery, MediaImage, MediaLibrary, MediaUploader, MediaVideo } from '@safelight/react';

import { recordOf } from './record-of.ts';
import { UploadPage } from './seed.tsx';

/** Every component at once, for a server to render and a browser to take over. */
export function ServedPage() {
  const records = ['a', 'b'].map((name) => recordOf(name));
  return (
    <>
      <main>
        <UploadPage apiPrefix="/v1" token="none" />
      </main>
      <MediaImage media={recordOf('c')} priority />
      <MediaVideo media={{ ...recordOf('d'), kind: 'video' }} />
      <MediaAudio media={{ ...recordOf('e'), kind: 'audio', durationMs: 61_000 }} />
      <MediaGallery items={records} onMove={() => undefined} />
      <MediaLibrary items={records} onDelete={() => undefined} unstyled />
      <MediaUploader disabled camera unstyled />
    </>
  );
}
