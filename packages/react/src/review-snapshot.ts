'use client';
import type { Client, SafelightProblem } from '@safelight/client';

export type QueueQuery = { collection?: string | undefined; review?: 'queued' | 'failed' | 'rejected' | undefined };
type Page = Awaited<ReturnType<Client['reviews']['queue']>>;
export type Decision = Parameters<Client['reviews']['decide']>[1]['decision'];
/** A waiting item, and who has claimed it. */
export type Queued = Page['media'][number];
/** The items of one decision: a single one, or all that were selected. */
export type Decided = { items: readonly Queued[]; decision: Decision };

export type ReviewQueueSnapshot = {
  items: readonly Queued[];
  /** The number on all pages; the server counts up to 5,000. */
  total: number;
  /** Frequent reasons, from the server's configuration. */
  presets: readonly string[];
  /** While the first page, or a further one, is read; not while the queue is kept up to date. */
  isLoading: boolean;
  hasMore: boolean;
  /** While an action is being sent: another key press would apply to an unseen item. */
  isBusy: boolean;
  /** The last decision, which can be undone. */
  last: Decided | null;
  /** This moderator's id on the server, once it is known. */
  me: string | null;
  /** Why the queue could not be read; the items are those of before. */
  error: SafelightProblem | null;
  /** Why the last action, or a part of it, was refused, until the next action. */
  refusal: SafelightProblem | null;
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
  refusal: null,
};
