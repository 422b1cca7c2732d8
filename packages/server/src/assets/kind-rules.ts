import type { Kind } from '../lib/schema.ts';

type KindRule = {
  /** The name of one in a sentence. */
  one: string;
  /** The lanes for its processing and for remaking its outputs. */
  lane: 'short' | 'poster' | 'long';
  renewalLane: 'short' | 'long';
  /**
   * Whether it is reviewed; then reviewers see up to `most` of these artifacts, the most informative first. Never the source, whose metadata may
   * reveal a location.
   */
  reviewed: boolean;
  shownToReviewers: { roles: readonly string[]; most: number };
  /** Whether its crops use the focal point. */
  cropped: boolean;
  captioned: boolean;
  /** Whether it can be the profile of its entity, and an input for generation. */
  pictured: boolean;
  /** Whether a lost output can be remade from the source while a client waits. */
  remadeAtOnce: boolean;
  /** Whether its upload stays even if the collection keeps no sources: there is nothing else. */
  isItsOwnOutput: boolean;
};

const none = { roles: [], most: 0 } as const;
const other = { renewalLane: 'long', cropped: false, pictured: false, remadeAtOnce: false, isItsOwnOutput: false } as const;

/** The differences between the kinds for code that only passes media on. processing/kinds.ts defines their outputs. */
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
  // Its poster, and small pictures from all of it.
  video: { ...other, one: 'a video', lane: 'poster', reviewed: true, shownToReviewers: { roles: ['poster', 'storyboard'], most: 2 }, captioned: true },
  audio: { ...other, one: 'a sound', lane: 'long', reviewed: false, shownToReviewers: none, captioned: false },
  file: { ...other, one: 'a file', lane: 'short', reviewed: false, shownToReviewers: none, captioned: false, isItsOwnOutput: true },
} as const satisfies Record<Kind, KindRule>;
