import { z } from 'zod';

import { mostOnPage, mostParts, usualOnPage } from './limits.ts';

/** A whole number, as JSON has it or in digits, as forms and queries do. Nothing else becomes one: no empty text, no null, no `0x10`. */
export const wholeNumber = (least: number, most: number) =>
  z.preprocess((value) => (typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value), z.int().min(least).max(most));

/** For what a JSON client may leave out: null says the same. */
export const optional = <Schema extends z.ZodType>(schema: Schema) =>
  schema
    .nullable()
    .transform((value) => value ?? undefined)
    .optional();

export const partNumber = z.int().min(1).max(mostParts);

/** Of every list: how many, and where the last page ended. */
export const pageFields = {
  limit: wholeNumber(1, mostOnPage).default(usualOnPage),
  cursor: z.string().max(400).optional(),
};
