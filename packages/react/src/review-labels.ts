'use client';

/** The texts of `MediaReview`, separate from those of the kit, so that pages without review do not load them. */
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
  takenBy: (name: string, until: Date) => string;
  yours: (until: Date) => string;
  claim: string;
  claimed: (name: string) => string;
  nothingFree: string;
  release: string;
  released: (name: string) => string;
  gone: string;
  showNext: string;
  empty: string;
  more: string;
  loading: string;
};

const timeOf = (moment: Date): string => moment.toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });

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
  takenBy: (name, until) => `${name} is looking at it until ${timeOf(until)}`,
  yours: (until) => `Yours until ${timeOf(until)}`,
  claim: 'Claim next',
  claimed: (name) => `${name} is yours for a while.`,
  nothingFree: 'Nothing is free: what waits is being looked at by others.',
  release: 'Release',
  released: (name) => `${name} is free for others.`,
  gone: 'It does not wait any more.',
  showNext: 'Show the next',
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
  takenBy: (name, until) => `${name} sieht es sich an, bis ${timeOf(until)}`,
  yours: (until) => `Für Sie, bis ${timeOf(until)}`,
  claim: 'Nächstes übernehmen',
  claimed: (name) => `${name} ist eine Weile für Sie.`,
  nothingFree: 'Nichts ist frei: Was wartet, sehen sich andere an.',
  release: 'Freilassen',
  released: (name) => `${name} ist wieder frei für andere.`,
  gone: 'Es wartet nicht mehr.',
  showNext: 'Das nächste zeigen',
  empty: 'Nichts wartet',
  more: 'Mehr laden',
  loading: 'Die Warteschlange wird gelesen',
};
