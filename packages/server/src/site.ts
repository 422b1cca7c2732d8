import type { CdnPurge } from './delivery/purge-cdn.ts';
import type { RequestSite } from './http/request-context.ts';
import type { ReviewSite } from './review/review-asset.ts';

/**
 * Everything that a running product has. It is created once, at the start, and never changed. A module declares the part that it needs as a type of
 * its own (`UploadSite`, `ReviewSite` …), and a use case gets it as `ctx.site`, beside the actor, the log and the signal.
 */
export type Site = RequestSite & ReviewSite & { cdnPurge: CdnPurge | null };
