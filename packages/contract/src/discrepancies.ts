import { z } from 'zod';

import { mostChars } from './limits.ts';

/**
 * How the records and what lies in storage can disagree.
 *
 *   missing_object   The ledger says `stored`, and there are no bytes.
 *   size_mismatch    The ledger says `stored`, and the object has another size.
 *   unknown_object   There is an object that the ledger does not name: somebody else put it there. It is only ever reported.
 *   stuck_writing    A writer's lease passed and nobody gave the object up, or nobody sweeps.
 *   stuck_deleting   An object is to go and has not, although nobody is at it, or removing it has failed several times.
 */
export const discrepancyClasses = ['missing_object', 'size_mismatch', 'unknown_object', 'stuck_writing', 'stuck_deleting'] as const;
export type DiscrepancyClass = (typeof discrepancyClasses)[number];

export const discrepancySchema = z
  .object({
    class: z.enum(discrepancyClasses),
    provider: z.string(),
    location: z.string(),
    key: z.string(),
    objectId: z.uuid().nullable().meta({ description: 'Of the ledger row; null for an object that the ledger does not name, like the three below.' }),
    assetId: z.uuid().nullable(),
    role: z.string().nullable(),
    expectedBytes: z.int().nullable(),
    actualBytes: z.int().nullable().meta({ description: 'Null when there is no object, or when its size does not matter.' }),
    detail: z.string().meta({ description: 'For a person: since when, after which error.' }),
  })
  .meta({ id: 'Discrepancy' });
export type Discrepancy = z.infer<typeof discrepancySchema>;

export const discrepancyQuerySchema = z.strictObject({
  store: z.string().max(300).optional().meta({ description: 'One store, like s3:uploads; all that are configured by default.' }),
  prefix: z.string().max(mostChars.pathPrefix).optional().meta({ description: 'Only what lies below this path, like media/ada.' }),
});

export const discrepancyReportSchema = z
  .object({
    discrepancies: z.array(discrepancySchema),
    summary: z.object({ total: z.int(), ...Object.fromEntries(discrepancyClasses.map((name) => [name, z.int()])) } as Record<
      'total' | DiscrepancyClass,
      z.ZodInt
    >),
  })
  .meta({ id: 'DiscrepancyReport', description: 'Written while it is found, so it may be long. With `Accept: text/csv` it is a table.' });
