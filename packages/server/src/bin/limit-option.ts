import { mostOnPage, usualOnPage } from '@safelight/contract/limits';

/** For each command that lists: how many at once. */
export const limitOption = {
  type: 'string',
  value: 'number',
  purpose: `How many at most, up to ${mostOnPage}; ${usualOnPage} by default.`,
} as const;
