import { z } from 'zod';

import { optional, wholeNumber } from './fields.ts';
import { transactionSchema } from './grants.ts';

/** The roles for which a URL can be signed; without a role the URL opens the source, or the output that replaces it. */
export const signedRoles = ['source', 'canonical', 'preview', 'stream', 'poster', 'thumbnail', 'card', 'detail', 'detail_large'] as const;
export type SignedRole = (typeof signedRoles)[number];

const isNetwork = (text: string): boolean => text === 'caller' || z.union([z.cidrv4(), z.cidrv6()]).safeParse(text).success;

export const signedURLRequestSchema = z
  .strictObject({
    role: optional(z.enum(signedRoles)),
    disposition: optional(z.enum(['inline', 'attachment'])),
    expiresInSeconds: optional(wholeNumber(60, 604_800)).meta({ description: 'By default an hour.' }),
    transaction: optional(transactionSchema).meta({ description: 'The URL acts for the buyer of this grant, and spends downloads like their own.' }),
    address: optional(z.string().max(64).refine(isNetwork, 'must be caller or a network, like 203.0.113.0/24')).meta({
      description: 'The only network from which it opens: the caller’s, or a CIDR range.',
    }),
  })
  .meta({ id: 'SignedURLRequest' });
export type SignedURLRequest = z.output<typeof signedURLRequestSchema>;

export const signedURLSchema = z.object({ url: z.string(), expiresAt: z.iso.datetime() }).meta({ id: 'SignedURL' });
export type SignedURL = z.output<typeof signedURLSchema>;
