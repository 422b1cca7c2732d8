import type { Kind } from '../lib/schema.ts';

type KindRule = {
  /** What one of them is called in a sentence. */
  one: string;
  /** Where its work waits, and where its outputs are made anew. */
  lane: 'short' | 'poster' | 'long';
  renewalLane: 'short' | 'long';
  /** Whether the gate asks about it; then its reviewers see so many of these artifacts, the most telling first. Never the source, which may hold where it was taken. */
  reviewed: boolean;
  shownToReviewers: { roles: readonly string[]; most: number };
  /** Whether what is cropped of it is cropped around its focal point. */
  cropped: boolean;
  captioned: boolean;
  /** Whether it can be the profile of its entity, and be given to a machine to begin from. */
  pictured: boolean;
  /** Whether one lost output can be made again from the source while somebody waits. */
  remadeAtOnce: boolean;
  /** Whether its upload stays also where the collection keeps no sources: it is all there is. */
  isItsOwnOutput: boolean;
};

const none = { roles: [], most: 0 } as const;
const other = { renewalLane: 'long', cropped: false, pictured: false, remadeAtOnce: false, isItsOwnOutput: false } as const;

/** What differs between kinds for everybody who only passes them on. What is made of each stands in processing/kinds.ts. */
export const kindRules = {
  image: {
    one: 'an image',
    lane: 'short',
    renewalLane: 'short',
    reviewed: true,
    // Large enough to judge, small enough to send.
    shownToReviewers: { roles: ['preview', 'detail', 'canonical', 'card', 'detail_large', 'thumbnail'], most: 1 },
    cropped: true,
    captioned: false,
    pictured: true,
    remadeAtOnce: true,
    isItsOwnOutput: false,
  },
  // Its poster, and small pictures from the whole of it.
  video: { ...other, one: 'a video', lane: 'poster', reviewed: true, shownToReviewers: { roles: ['poster', 'storyboard'], most: 2 }, captioned: true },
  audio: { ...other, one: 'a sound', lane: 'long', reviewed: false, shownToReviewers: none, captioned: false },
  file: { ...other, one: 'a file', lane: 'short', reviewed: false, shownToReviewers: none, captioned: false, isItsOwnOutput: true },
} as const satisfies Record<Kind, KindRule>;
