import type { ComponentType } from 'react';

import { JobsPage } from '../jobs/jobs-page.tsx';
import { LibraryPage } from '../library/library-page.tsx';
import type { IconName } from '../parts/icon.tsx';
import { UploadPage } from '../upload/upload-page.tsx';

export type Page = { path: string; title: string; icon: IconName; Content: ComponentType };

/** The pages there are, in the order of the navigation. The first is where one begins. */
export const pages: readonly [Page, ...Page[]] = [
  { path: 'upload', title: 'Upload', icon: 'upload', Content: UploadPage },
  { path: 'library', title: 'Library', icon: 'library', Content: LibraryPage },
  { path: 'jobs', title: 'Jobs', icon: 'jobs', Content: JobsPage },
];
