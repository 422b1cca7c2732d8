import type { Scope } from '@safelight/contract/scopes';

import type { IconName } from '../parts/icon.tsx';
import { pageOf, type LoadedPage } from './page-of.ts';

export type Page = LoadedPage & {
  path: string;
  title: string;
  icon: IconName;
  needs?: Scope;
  /** The page that leads to it, where the navigation does not. */
  under?: string;
};

/** What everybody may see who is signed in. */
export const fallback: Page = {
  path: 'library',
  title: 'Library',
  icon: 'library',
  ...pageOf(async () => (await import('../library/library-page.tsx')).LibraryPage),
};

/** The pages there are, in the order of the navigation. The first that one may see is where one begins. Those that need a scope are only there with it. */
export const pages: readonly Page[] = [
  {
    path: 'overview',
    title: 'Overview',
    icon: 'overview',
    needs: 'media:manage',
    ...pageOf(async () => (await import('../overview/overview-page.tsx')).OverviewPage),
  },
  {
    path: 'events',
    title: 'Events',
    icon: 'jobs',
    needs: 'media:manage',
    under: 'overview',
    ...pageOf(async () => (await import('../live/events-page.tsx')).EventsPage),
  },
  { path: 'upload', title: 'Upload', icon: 'upload', needs: 'media:write', ...pageOf(async () => (await import('../upload/upload-page.tsx')).UploadPage) },
  {
    path: 'generate',
    title: 'Generate',
    icon: 'generate',
    needs: 'media:write',
    ...pageOf(async () => (await import('../generate/generate-page.tsx')).GeneratePage),
  },
  fallback,
  { path: 'jobs', title: 'Jobs', icon: 'jobs', ...pageOf(async () => (await import('../jobs/jobs-page.tsx')).JobsPage) },
  { path: 'review', title: 'Review', icon: 'review', needs: 'media:review', ...pageOf(async () => (await import('../review/review-page.tsx')).ReviewPage) },
  {
    path: 'policies',
    title: 'Policies',
    icon: 'policies',
    needs: 'media:manage',
    ...pageOf(async () => (await import('../policies/policies-page.tsx')).PoliciesPage),
  },
  { path: 'grants', title: 'Purchases', icon: 'grants', needs: 'media:manage', ...pageOf(async () => (await import('../grants/grants-page.tsx')).GrantsPage) },
  {
    path: 'discrepancies',
    title: 'Discrepancies',
    icon: 'discrepancies',
    needs: 'media:admin',
    ...pageOf(async () => (await import('../discrepancies/discrepancies-page.tsx')).DiscrepanciesPage),
  },
  {
    path: 'webhooks',
    title: 'Webhooks',
    icon: 'webhooks',
    needs: 'media:admin',
    ...pageOf(async () => (await import('../webhooks/webhooks-page.tsx')).WebhooksPage),
  },
];
