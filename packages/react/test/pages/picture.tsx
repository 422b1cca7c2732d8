import { MediaImage, type Shown } from '@safelight/react';

export const PicturePage = ({ media, keepPrevious }: { media: Shown; keepPrevious?: boolean }) => (
  <main>
    <h1>Picture</h1>
    <MediaImage media={media} keepPrevious={keepPrevious} priority alt="The sea" />
  </main>
);
