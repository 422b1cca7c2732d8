import { z } from 'zod';

const count = z.int().min(0);

export const overviewSchema = z
  .object({
    at: z.iso.datetime(),
    collections: z
      .array(z.object({ collection: z.string(), media: count, published: count, failed: count, objects: count, bytes: count }))
      .meta({ description: 'The stored media without deleted ones; objects and bytes as stored.' }),
    hours: z.array(z.object({ hour: z.iso.datetime(), uploads: count, published: count, failed: count })).meta({
      description:
        'The last 24 hours, oldest first, each with its beginning: what came and is not deleted, what was published (last) and may still be shown, what failed.',
    }),
    lanes: z
      .array(z.object({ lane: z.enum(['short', 'long', 'review', 'upkeep']), waiting: count, active: count, oldestSeconds: z.number().min(0).nullable() }))
      .meta({ description: 'Unfinished jobs by lane; `oldestSeconds` is how long the oldest has waited.' }),
    failures: z.array(z.object({ code: z.string(), media: count })).meta({ description: 'Failed media by reason; the most frequent first.' }),
    stores: z
      .array(z.object({ store: z.string(), objects: count, bytes: count, writing: count, deleting: count }))
      .meta({ description: 'By `provider:location`.' }),
    review: z.object({ queued: count, failed: count }),
    uploadsOpen: count,
    eventsPerSecond: z.number().min(0).meta({ description: 'Over the last minute.' }),
  })
  .meta({ id: 'Overview', description: 'The state of the site in figures that are at most some seconds old.' });
export type Overview = z.infer<typeof overviewSchema>;
