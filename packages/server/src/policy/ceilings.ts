import { z } from 'zod';

/** The hard limits above every policy; the descriptions are shown in docs/configuration.md. */
export const ceilingsSchema = z.strictObject({
  requestBytes: z
    .int()
    .min(1)
    .default(5 * 2 ** 40)
    .meta({ description: 'Bytes of one file.' }),
  pixels: z.int().min(1).default(50_000_000).meta({ description: 'Pixels of one picture, decoded.' }),
  frames: z.int().min(1).default(500).meta({ description: 'Frames of one animation.' }),
  totalPixels: z.int().min(1).default(1_000_000_000).meta({ description: 'Pixels of all frames of one animation together.' }),
  durationMs: z
    .int()
    .min(1)
    .default(4 * 3_600_000)
    .meta({ description: 'Length of one recording.' }),
  importSeconds: z
    .int()
    .min(1)
    .max(3 * 3600)
    .default(1800)
    .meta({ description: 'How long an import may take, from its first request to its last byte.' }),
  ownerBytes: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .meta({ description: 'Bytes that one owner may store, including the declared sizes of open uploads; managers are not limited. Null: no limit.' }),
  ownerItems: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .meta({ description: 'Media that one owner may have at once, not counting deleted ones. Null: no limit.' }),
  ownerOpenUploads: z.int().min(1).nullable().default(null).meta({ description: 'Uploads that one owner may have open at once. Null: no limit.' }),
});
export type Ceilings = z.output<typeof ceilingsSchema>;
