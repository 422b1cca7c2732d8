import { z } from 'zod';

import { mostOnPage, usualOnPage } from './page-limits.ts';

/** A whole number, as JSON has it or in digits, as forms and queries do. Nothing else becomes one: no empty text, no null, no `0x10`. */
export const wholeNumber = (least: number, most: number) =>
  z.preprocess((value) => (typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value), z.int().min(least).max(most));

/** For what a JSON client may leave out: null says the same. */
export const optional = <Schema extends z.ZodType>(schema: Schema) =>
  schema
    .nullable()
    .transform((value) => value ?? undefined)
    .optional();

/** Characters of what the application names, wherever it says it. */
const [entityType, entityId] = [64, 200];
export const mostChars = { collection: 64, purpose: 64, altText: 2000, entityType, entityId, entity: entityType + 1 + entityId };

/** An upload in parts has at most so many, numbered from 1. */
export const mostParts = 10_000;
export const partNumber = z.int().min(1).max(mostParts);
/** Parts whose addresses are signed by one request. */
export const mostPartsSigned = 1000;

/** Files of one request, or uploads that it opens; a policy's `batchSize` may be no larger. */
export const mostInBatch = 1000;

/** Of every list: how many, and where the last page ended. */
export const pageFields = {
  limit: wholeNumber(1, mostOnPage).default(usualOnPage),
  cursor: z.string().max(400).optional(),
};
