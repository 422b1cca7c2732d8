'use client';
import type { Client, SafelightProblem } from '@safelight/client';

export type QueueQuery = { collection?: string | undefined; review?: 'queued' | 'failed' | 'rejected' | undefined };
type Page = Awaited<ReturnType<Client['reviews']['queue']>>;
export type Decision = Parameters<Client['reviews']['decide']>[1]['decision'];
/** What waits, and who is looking at it. */
export type Queued = Page['media'][number];
/** What was decided at once: one, or those that were ticked. */
export type Decided = { items: readonly Queued[]; decision: Decision };

export type ReviewQueueSnapshot = {
  items: readonly Queued[];
  /** On all pages; the server counts as far as 5,000. */
  total: number;
  /** Reasons that moderators give often, as the server is configured. */
  presets: readonly string[];
  isLoading: boolean;
  hasMore: boolean;
  /** While something is on its way: the next one would be about what nobody has looked at yet. */
  isBusy: boolean;
  /** What was decided last and can be taken back. */
  last: Decided | null;
  /** What the server calls this moderator, once it has said it. */
  me: string | null;
  error: SafelightProblem | null;
};

export const emptyQueue: ReviewQueueSnapshot = {
  items: [],
  total: 0,
  presets: [],
  isLoading: true,
  hasMore: false,
  isBusy: false,
  last: null,
  me: null,
  error: null,
};
