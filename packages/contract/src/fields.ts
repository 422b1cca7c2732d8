import { z } from 'zod';

/** A whole number, as JSON has it or in digits, as forms and queries do. Nothing else becomes one: no empty text, no null, no `0x10`. */
export const wholeNumber = (least: number, most: number) =>
  z.preprocess((value) => (typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value), z.int().min(least).max(most));

/** For what a JSON client may leave out: null says the same. */
export const optional = <Schema extends z.ZodType>(schema: Schema) =>
  schema
    .nullable()
    .transform((value) => value ?? undefined)
    .optional();

/** Files of one request, or uploads that it opens; a policy's `batchSize` may be no larger. */
export const mostInBatch = 1000;

/** Of every list: how many, and where the last page ended. */
export const pageFields = {
  limit: wholeNumber(1, 200).default(50),
  cursor: z.string().max(400).optional(),
};
