import type { ReviewDecision } from '@safelight/contract/reviews';

/** One picture, or several of one video, as small as it can be judged, never with the metadata of its source. */
export type ReviewRequest = {
  mediaId: string;
  /** What exactly is looked at; a decision holds for this and nothing else. */
  revision: string;
  collection: string;
  entity: { type: string; id: string } | null;
  altText: string | null;
  picture: { bytes: Buffer; mimeType: string };
  /** Others of the same, which the decision is about too: moments of a video. */
  more?: readonly { bytes: Buffer; mimeType: string; url: string | null }[];
  /** Opens the picture for a while, for reviewers that fetch it themselves. */
  pictureURL: string | null;
  /** Where a reviewer that takes its time sends its decision. */
  callbackURL: string;
};

export type Verdict = {
  /** `waiting`: the reviewer has taken it and will call back. */
  outcome: ReviewDecision | 'waiting';
  model: string | null;
  categories: string[];
  /** 0–1 for each category that the reviewer weighs. */
  scores: Record<string, number>;
  reason: string | null;
  /** In the provider's own unit. */
  costUnits: number | null;
};

/**
 * Somebody who says whether a picture may be shown. Rejects with `unavailable` or `rate_limited` when there is no clear answer: not
 * reachable, too slow, blocked, or nonsense. What is not clearly an approval is never one.
 */
export type Reviewer = (request: ReviewRequest, options: { signal: AbortSignal }) => Promise<Verdict>;

/** Those that are configured; `manual` and `disabled` ask nobody. */
export type Reviewers = Partial<Record<'gemini' | 'openai' | 'webhook', Reviewer>>;
