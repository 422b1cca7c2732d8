import type { Scope } from '@safelight/contract/scopes';
import type { ComponentType } from 'react';

import { DiscrepanciesPage } from '../discrepancies/discrepancies-page.tsx';
import { GrantsPage } from '../grants/grants-page.tsx';
import { GeneratePage } from '../generate/generate-page.tsx';
import { JobsPage } from '../jobs/jobs-page.tsx';
import { LibraryPage } from '../library/library-page.tsx';
import { OverviewPage } from '../overview/overview-page.tsx';
import type { IconName } from '../parts/icon.tsx';
import { PoliciesPage } from '../policies/policies-page.tsx';
import { ReviewPage } from '../review/review-page.tsx';
import { UploadPage } from '../upload/upload-page.tsx';
import { WebhooksPage } from '../webhooks/webhooks-page.tsx';

export type Page = { path: string; title: string; icon: IconName; Content: ComponentType; needs?: Scope };

/** What everybody may see who is signed in. */
export const fallback: Page = { path: 'library', title: 'Library', icon: 'library', Content: LibraryPage };

/** The pages there are, in the order of the navigation. The first that one may see is where one begins. Those that need a scope are only there with it. */
export const pages: readonly Page[] = [
  { path: 'overview', title: 'Overview', icon: 'overview', Content: OverviewPage, needs: 'media:manage' },
  { path: 'upload', title: 'Upload', icon: 'upload', Content: UploadPage, needs: 'media:write' },
  { path: 'generate', title: 'Generate', icon: 'generate', Content: GeneratePage, needs: 'media:write' },
  fallback,
  { path: 'jobs', title: 'Jobs', icon: 'jobs', Content: JobsPage },
  { path: 'review', title: 'Review', icon: 'review', Content: ReviewPage, needs: 'media:review' },
  { path: 'policies', title: 'Policies', icon: 'policies', Content: PoliciesPage, needs: 'media:manage' },
  { path: 'grants', title: 'Purchases', icon: 'grants', Content: GrantsPage, needs: 'media:manage' },
  { path: 'discrepancies', title: 'Discrepancies', icon: 'discrepancies', Content: DiscrepanciesPage, needs: 'media:admin' },
  { path: 'webhooks', title: 'Webhooks', icon: 'webhooks', Content: WebhooksPage, needs: 'media:admin' },
];
