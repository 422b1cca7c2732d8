import { z } from 'zod';

import { mediaRulesSchema } from './media-rules.ts';
import { mediaSchema } from './media.ts';

export const entityMediaSchema = z
  .object({
    media: z.array(mediaSchema),
    tray: z.array(mediaSchema).meta({ description: 'What the owner sees besides: processing, failed, waiting for review, replacing. Empty for others.' }),
    rules: mediaRulesSchema,
    profileImageURL: z.string().nullable(),
    etag: z.string(),
  })
  .meta({ id: 'EntityMedia' });
