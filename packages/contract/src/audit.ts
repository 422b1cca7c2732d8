import { z } from 'zod';

import { pageFields } from './fields.ts';
import { entitySchema } from './media.ts';

export const auditActions = ['purge_now', 'webhook_disabled'] as const;

export const auditQuerySchema = z.strictObject({
  action: z.enum(auditActions).optional(),
  mediaId: z.uuid().optional().meta({ description: 'Only of this asset.' }),
  assetId: z.uuid().optional().meta({ description: 'The same, under the field name of the entries.' }),
  actorId: z.string().max(256).optional(),
  ...pageFields,
});

const removedSchema = z
  .object({
    ownerId: z.string(),
    entity: entitySchema.nullable(),
    fileName: z.string(),
    mimeType: z.string(),
    byteSize: z.int(),
    keys: z.array(z.string()).meta({ description: 'The keys of its objects.' }),
  })
  .meta({ description: 'The removed media, which nothing else records.' });
const webhookDetailSchema = z
  .object({ webhookId: z.uuid(), url: z.string(), reason: z.string() })
  .meta({ description: 'The endpoint that was disabled automatically, and why.' });
const auditDetailSchema = z.union([removedSchema, webhookDetailSchema]);
export type AuditDetail = z.infer<typeof auditDetailSchema>;

export const auditEntrySchema = z
  .object({
    id: z.uuid(),
    at: z.iso.datetime(),
    actorId: z.string(),
    action: z.enum(auditActions),
    assetId: z.uuid().nullable(),
    collection: z.string().nullable(),
    detail: auditDetailSchema,
  })
  .meta({ id: 'AuditEntry', description: 'An irreversible action, and who took it.' });
export type AuditEntry = z.infer<typeof auditEntrySchema>;

export const auditListSchema = z.object({ entries: z.array(auditEntrySchema), nextCursor: z.string().nullable() }).meta({ id: 'AuditList' });
