import { z } from 'zod';

import { optional, pageFields } from './fields.ts';
import { mostChars } from './limits.ts';
import { ifMatch } from './operations/operation.ts';

/** The application's own number of the order, the payment or the invoice. It identifies a grant but gives no access. */
export const transactionSchema = z
  .string()
  .regex(/^(?!\.\.?$)[A-Za-z0-9._~-]{1,200}$/, '1 to 200 letters, digits or . _ ~ - are wanted, and not . or .. alone, which no address can hold');

/** Different spellings of one id name the same record. */
const assetIds = z.array(z.uuid().toLowerCase()).min(1).max(500);
const downloads = z.int().min(1).max(1_000_000);

const stamp = z
  .string()
  .regex(/^[\u0020-\u007e\u00a0-\u00ff]{1,200}$/, '1 to 200 letters that Latin-1 has are wanted')
  .meta({ description: 'The text that is stamped on each page of a PDF, like “Sold to Ada Lovelace, order 1042”.' });

export const grantCreateSchema = z
  .strictObject({
    transaction: transactionSchema,
    buyerId: optional(z.string().min(1).max(mostChars.buyerId)),
    assetIds,
    expiresAt: optional(z.iso.datetime({ offset: true })),
    maxDownloads: optional(downloads),
    stamp: optional(stamp),
  })
  .meta({ id: 'GrantCreate', description: 'The bought files, and the buyer. maxDownloads applies to each file separately; without it there is no limit.' });
export type GrantCreate = z.output<typeof grantCreateSchema>;

export const grantPatchSchema = z
  .strictObject({
    addAssetIds: assetIds.optional(),
    removeAssetIds: assetIds.optional(),
    expiresAt: z.iso.datetime({ offset: true }).nullable().optional(),
    maxDownloads: downloads.nullable().optional(),
    resetDownloads: z.union([z.literal(true), assetIds]).optional(),
  })
  .meta({ id: 'GrantPatch', description: 'For a partial refund, name the files to remove: nothing else changes. null removes a limit.' });
export type GrantPatch = z.output<typeof grantPatchSchema>;

export const grantFileSchema = z
  .object({
    mediaId: z.uuid(),
    replacedBy: z.uuid().nullable().meta({ description: 'The current version, which the buyer gets.' }),
    fileName: z.string(),
    byteSize: z.int(),
    mimeType: z.string(),
    sha256: z.string().nullable().meta({ description: 'Lower-case hexadecimal.' }),
    url: z.string(),
    downloads: z.int(),
    maxDownloads: z.int().nullable(),
    lastDownloadAt: z.iso.datetime().nullable(),
  })
  .meta({ id: 'GrantFile' });
export type GrantFile = z.output<typeof grantFileSchema>;

export const grantSchema = z
  .object({
    transaction: z.string(),
    buyerId: z.string().nullable(),
    assetIds: z.array(z.uuid()),
    expiresAt: z.iso.datetime().nullable(),
    maxDownloads: z.int().nullable(),
    stamp: z.string().nullable(),
    revokedAt: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime(),
    version: z.int(),
    accessURL: z.string().meta({ description: 'For the receipt: the page of the purchase. Everybody with this URL can download the files.' }),
    zipURL: z.string().meta({ description: 'All files as one archive; ranges are supported.' }),
    files: z.array(grantFileSchema),
  })
  .meta({ id: 'Grant' });
export type Grant = z.output<typeof grantSchema>;

export const grantListQuerySchema = z.strictObject({
  buyerId: z.string().max(mostChars.buyerId).optional(),
  mediaId: z.uuid().optional(),
  search: z.string().min(1).max(mostChars.buyerId).optional().meta({ description: 'A buyer, or the beginning of the transaction’s number.' }),
  ...pageFields,
});
export const grantListSchema = z.object({ grants: z.array(grantSchema), nextCursor: z.string().nullable() }).meta({ id: 'GrantList' });

export const downloadSchema = z
  .object({
    id: z.uuid(),
    mediaId: z.uuid(),
    startedAt: z.iso.datetime(),
    lastAt: z.iso.datetime(),
    bytes: z.int(),
    requests: z.int(),
    state: z.enum(['open', 'complete', 'given_back']),
    carrier: z.enum(['proxy', 'redirect', 'accelerated', 'cdn']),
  })
  .meta({ id: 'Download', description: 'One download of one file: all requests of one client for it.' });
export const downloadListQuerySchema = z.strictObject(pageFields);
export const downloadListSchema = z.object({ downloads: z.array(downloadSchema), nextCursor: z.string().nullable() });

export const refusalReasons = ['no_proof', 'wrong_proof', 'revoked', 'expired', 'removed', 'limit', 'rate'] as const;
export type RefusalReason = (typeof refusalReasons)[number];
export const grantRefusalsSchema = z
  .object({
    refusals: z.array(
      z.object({
        mediaId: z.uuid().nullable().meta({ description: 'Null for the page of the purchase and its ZIP.' }),
        reason: z.enum(refusalReasons),
        client: z.enum(['browser', 'program', 'unknown']),
        network: z.int().meta({ description: 'Distinguishes networks within one day; the addresses themselves are not stored.' }),
        count: z.int(),
        firstAt: z.iso.datetime(),
        lastAt: z.iso.datetime(),
      }),
    ),
  })
  .meta({ id: 'GrantRefusals', description: 'The refused requests under a grant in the last 90 days, with their reasons, newest first; at most 200 rows.' });

const day = z.iso.date();
export const mediaDownloadsQuerySchema = z.strictObject({ from: day.optional(), to: day.optional() });
export const mediaDownloadsSchema = z
  .object({
    days: z.array(
      z.object({
        day,
        downloads: z.int(),
        buyers: z.union([z.int(), z.literal('<5')]).meta({ description: '`<5` below five, to protect the buyers’ privacy.' }),
        bytes: z.int(),
      }),
    ),
  })
  .meta({
    id: 'MediaDownloads',
    description: 'Downloads by buyers, of this and earlier versions, by day (UTC), oldest first. Days without downloads are left out.',
  });
export type MediaDownloads = z.output<typeof mediaDownloadsSchema>;

const transaction = z.object({ transaction: transactionSchema });
const one = z.object({ grant: grantSchema });
const about = { tag: 'Grants', scope: 'media:manage' } as const;

/** Purchases. Only the application knows who paid, so only it creates them: if sellers could, they could occupy each other's order numbers. */
export const grantOperations = {
  createGrant: {
    method: 'POST',
    path: '/grants',
    summary: 'Grant files to a buyer; repeating the request returns the same grant',
    ...about,
    body: grantCreateSchema,
    answers: { 200: one, 201: one },
    errors: ['idempotency_conflict', 'idempotency_mismatch'],
    idempotent: 'Idempotency-Key',
    answersSecret: true,
  },
  listGrants: {
    method: 'GET',
    path: '/grants',
    summary: 'List grants, newest first',
    ...about,
    query: grantListQuerySchema,
    answers: { 200: grantListSchema },
  },
  readGrant: { method: 'GET', path: '/grants/{transaction}', summary: 'Read one grant', ...about, params: transaction, answers: { 200: one } },
  changeGrant: {
    method: 'PATCH',
    path: '/grants/{transaction}',
    summary: 'Change a grant: add or remove files, change its expiry, change or reset its limit',
    ...about,
    params: transaction,
    headers: ifMatch,
    body: grantPatchSchema,
    answers: { 200: one },
    errors: ['precondition_failed'],
  },
  revokeGrant: {
    method: 'DELETE',
    path: '/grants/{transaction}',
    summary: 'Revoke a grant, from the next request on; repeating it does no harm',
    ...about,
    params: transaction,
    answers: { 200: one },
  },
  restoreGrant: { method: 'POST', path: '/grants/{transaction}/restore', summary: 'Undo a revocation', ...about, params: transaction, answers: { 200: one } },
  renewGrantToken: {
    method: 'POST',
    path: '/grants/{transaction}/access-token',
    summary: 'Create new URLs for a grant; the old ones stop working at once',
    ...about,
    params: transaction,
    answers: { 200: one },
  },
  listGrantDownloads: {
    method: 'GET',
    path: '/grants/{transaction}/downloads',
    summary: 'List the downloads of a grant, newest first',
    ...about,
    params: transaction,
    query: downloadListQuerySchema,
    answers: { 200: downloadListSchema },
  },
  listGrantRefusals: {
    method: 'GET',
    path: '/grants/{transaction}/refusals',
    summary: 'List the requests that were refused under a grant, and why',
    ...about,
    params: transaction,
    answers: { 200: grantRefusalsSchema },
  },
  readMediaDownloads: {
    method: 'GET',
    path: '/media/{id}/downloads',
    summary: 'Read how often buyers downloaded a file, by day; for its owner',
    tag: 'Grants',
    scope: 'media:read',
    params: z.object({ id: z.uuid() }),
    query: mediaDownloadsQuerySchema,
    answers: { 200: mediaDownloadsSchema },
  },
} as const;
