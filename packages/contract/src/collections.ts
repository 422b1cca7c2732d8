import { z } from 'zod';

import { mostChars } from './limits.ts';
import { mediaRulesSchema } from './media-rules.ts';
import { mediaSchema } from './media.ts';
import { uploadSchema } from './uploads.ts';

export const trayMediaSchema = mediaSchema
  .extend({
    upload: uploadSchema.nullable().meta({ description: 'Set during the upload: there is no record to read or change before the bytes have arrived.' }),
  })
  .meta({ id: 'TrayMedia' });
export type TrayMedia = z.infer<typeof trayMediaSchema>;

export const entityMediaSchema = z
  .object({
    media: z.array(mediaSchema),
    tray: z
      .array(trayMediaSchema)
      .meta({ description: 'Further media that only the owner sees: uploading, processing, failed, waiting for review, replacing. Empty for others.' }),
    rules: mediaRulesSchema,
    profileImageURL: z.string().nullable(),
    etag: z.string(),
  })
  .meta({ id: 'EntityMedia' });

const listedItemSchema = z
  .strictObject({
    id: z.uuid().optional(),
    uploadId: z.uuid().optional(),
    altText: z.string().max(mostChars.altText).nullable().optional(),
    purpose: z.string().min(1).max(mostChars.purpose).optional(),
  })
  .refine((item) => (item.id === undefined) !== (item.uploadId === undefined), 'name either the id of what is there or the uploadId of what comes');

export const entityMediaSyncSchema = z.strictObject({ items: z.array(listedItemSchema).max(2000) }).meta({
  id: 'EntityMediaSync',
  description: 'The whole collection in the wanted order; media that are not listed are removed. Fields that an item leaves out stay unchanged.',
});
export type EntityMediaSync = z.output<typeof entityMediaSyncSchema>;
