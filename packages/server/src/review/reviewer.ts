import type { ReviewDecision } from '@safelight/contract/reviews';

/** One picture, or several of one video, as small as a reviewer can judge, never with the metadata of its source. */
export type ReviewRequest = {
  mediaId: string;
  /** The revision that is reviewed; a decision is valid for it alone. */
  revision: string;
  collection: string;
  entity: { type: string; id: string } | null;
  altText: string | null;
  picture: { bytes: Buffer; mimeType: string };
  /** Further pictures that the decision covers: other moments of a video. */
  more?: readonly { bytes: Buffer; mimeType: string; url: string | null }[];
  /** A URL that opens the picture for a limited time, for reviewers that fetch it themselves. */
  pictureURL: string | null;
  /** Where an asynchronous reviewer sends its decision. */
  callbackURL: string;
};

export type Verdict = {
  /** `waiting`: the reviewer has accepted the request and will call back. */
  outcome: ReviewDecision | 'waiting';
  model: string | null;
  categories: string[];
  /** 0–1 for each of the reviewer's categories. */
  scores: Record<string, number>;
  reason: string | null;
  /** In the provider's own unit. */
  costUnits: number | null;
};

/**
 * Decides whether a picture may be shown. Rejects with `unavailable` or `rate_limited` when there is no clear answer: unreachable, too slow, blocked,
 * or invalid. Only a clear approval counts as one.
 */
export type Reviewer = (request: ReviewRequest, options: { signal: AbortSignal }) => Promise<Verdict>;

/** The configured reviewers; `manual` and `disabled` ask none. */
export type Reviewers = Partial<Record<'gemini' | 'openai' | 'webhook', Reviewer>>;
