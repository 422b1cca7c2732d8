import { z } from 'zod';

import { mostOnPage, mostParts, usualOnPage } from './limits.ts';

/** A whole number: a JSON number, or digits in a form or query. Nothing else is accepted: no empty text, no null, no `0x10`. */
export const wholeNumber = (least: number, most: number) =>
  z.preprocess((value) => (typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value), z.int().min(least).max(most));

/** For a field that a JSON client may leave out: null means the same. */
export const optional = <Schema extends z.ZodType>(schema: Schema) =>
  schema
    .nullable()
    .transform((value) => value ?? undefined)
    .optional();

export const partNumber = z.int().min(1).max(mostParts);

/** Parameters of every list: the page size, and where the last page ended. */
export const pageFields = {
  limit: wholeNumber(1, mostOnPage).default(usualOnPage),
  cursor: z.string().max(400).optional(),
};
