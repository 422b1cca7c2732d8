import type { Change } from '../assets/status-changes.ts';
import type { ReviewStatus } from '../lib/schema.ts';

/**
 * The review of an asset: whether it has been approved for showing.
 *
 * With the gate open, no approval is needed (`not_required`). With the gate closed, a ready photo is `queued` and hidden until the policy's reviewer
 * or a moderator decides. An attempt without a clear answer makes it `failed`: still hidden, visible to its owner, retried after a pause or on
 * request. `approved` and `rejected` stay whatever the gate does later; only another decision changes them.
 */
export const reviewChanges = [
  { from: 'none', to: 'not_required', when: 'it is registered' },
  { from: 'not_required', to: 'queued', when: 'it is ready behind a closed gate, or the gate closes' },
  { from: 'not_required', to: 'approved', when: 'the gate closes and what is there passes, or a moderator allows it' },
  { from: 'not_required', to: 'rejected', when: 'a moderator hides it' },
  { from: 'queued', to: 'approved', when: 'a reviewer or moderator allows it' },
  { from: 'queued', to: 'rejected', when: 'a reviewer or moderator hides it' },
  { from: 'queued', to: 'failed', when: 'an attempt comes to no clear answer' },
  { from: 'queued', to: 'not_required', when: 'the gate opens' },
  { from: 'failed', to: 'queued', when: 'somebody retries, or another provider is chosen' },
  { from: 'failed', to: 'approved', when: 'the next attempt or a moderator allows it' },
  { from: 'failed', to: 'rejected', when: 'the next attempt or a moderator hides it' },
  { from: 'failed', to: 'not_required', when: 'the gate opens' },
  { from: 'approved', to: 'rejected', when: 'a moderator overturns it' },
  { from: 'rejected', to: 'approved', when: 'a moderator overturns it' },
  { from: 'approved', to: 'queued', when: 'a moderator takes it back' },
  { from: 'rejected', to: 'queued', when: 'a moderator takes it back' },
] as const satisfies readonly Change<ReviewStatus>[];
