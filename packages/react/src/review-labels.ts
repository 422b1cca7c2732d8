'use client';

/** The texts of `MediaReview`, apart from those of the kit, so that a page that reviews nothing loads none of them. */
export type ReviewLabels = {
  review: string;
  queue: string;
  place: (at: number, of: number) => string;
  approve: string;
  reject: string;
  reason: string;
  rejectWith: (reason: string) => string;
  undo: string;
  approved: (name: string) => string;
  rejected: (name: string) => string;
  takenBack: (name: string) => string;
  takenBy: (name: string) => string;
  empty: string;
  more: string;
  loading: string;
};

export const english: ReviewLabels = {
  review: 'Review',
  queue: 'Queue',
  place: (at, of) => `${at} of ${of}`,
  approve: 'Approve',
  reject: 'Reject',
  reason: 'Reason, told to the owner',
  rejectWith: (reason) => `Reject: ${reason}`,
  undo: 'Undo the last decision',
  approved: (name) => `${name} was approved.`,
  rejected: (name) => `${name} was rejected.`,
  takenBack: (name) => `${name} waits again.`,
  takenBy: (name) => `${name} is looking at it`,
  empty: 'Nothing waits',
  more: 'Load more',
  loading: 'Reading the queue',
};

export const german: ReviewLabels = {
  review: 'Prüfung',
  queue: 'Warteschlange',
  place: (at, of) => `${at} von ${of}`,
  approve: 'Freigeben',
  reject: 'Ablehnen',
  reason: 'Grund, den der Besitzer erfährt',
  rejectWith: (reason) => `Ablehnen: ${reason}`,
  undo: 'Letzte Entscheidung zurücknehmen',
  approved: (name) => `${name} wurde freigegeben.`,
  rejected: (name) => `${name} wurde abgelehnt.`,
  takenBack: (name) => `${name} wartet wieder.`,
  takenBy: (name) => `${name} sieht es sich an`,
  empty: 'Nichts wartet',
  more: 'Mehr laden',
  loading: 'Die Warteschlange wird gelesen',
};
