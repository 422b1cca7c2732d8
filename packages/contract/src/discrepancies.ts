import { z } from 'zod';

import { mostChars } from './limits.ts';

/**
 * How records and stored objects can disagree.
 *
 *   missing_object   The ledger says `stored`, but the object does not exist.
 *   size_mismatch    The ledger says `stored`, but the object has another size.
 *   unknown_object   An object that the ledger does not name: somebody else put it there. It is reported and never changed.
 *   stuck_writing    A writer's lease has expired and no sweeper has handled the object.
 *   stuck_deleting   An object is marked for removal but no process is removing it, or removing it has failed several times.
 */
export const discrepancyClasses = ['missing_object', 'size_mismatch', 'unknown_object', 'stuck_writing', 'stuck_deleting'] as const;
export type DiscrepancyClass = (typeof discrepancyClasses)[number];

export const discrepancySchema = z
  .object({
    class: z.enum(discrepancyClasses),
    provider: z.string(),
    location: z.string(),
    key: z.string(),
    objectId: z.uuid().nullable().meta({ description: 'The id of the ledger row; null for an object that is not in the ledger, like the three below.' }),
    assetId: z.uuid().nullable(),
    role: z.string().nullable(),
    expectedBytes: z.int().nullable(),
    actualBytes: z.int().nullable().meta({ description: 'Null if there is no object, or if its size does not matter.' }),
    detail: z.string().meta({ description: 'For people: since when, after which error.' }),
  })
  .meta({ id: 'Discrepancy' });
export type Discrepancy = z.infer<typeof discrepancySchema>;

export const discrepancyQuerySchema = z.strictObject({
  store: z.string().max(300).optional().meta({ description: 'One store, like s3:uploads; all configured ones by default.' }),
  prefix: z.string().max(mostChars.pathPrefix).optional().meta({ description: 'Only objects below this path, like media/ada.' }),
});

export const discrepancyReportSchema = z
  .object({
    discrepancies: z.array(discrepancySchema),
    summary: z.object({
      ...({ total: z.int(), ...Object.fromEntries(discrepancyClasses.map((name) => [name, z.int()])) } as Record<'total' | DiscrepancyClass, z.ZodInt>),
      uncheckedStores: z
        .array(z.object({ store: z.string(), objects: z.int() }))
        .meta({ description: 'Stores that hold objects and are not configured, so nothing in them was compared. Empty for a report on one store.' }),
    }),
  })
  .meta({ id: 'DiscrepancyReport', description: 'Streamed as it is found, so it may be long. With `Accept: text/csv` it is a table.' });
