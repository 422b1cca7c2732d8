import { signedRoles } from '@safelight/contract/signed-urls';
import type { FastifyRequest } from 'fastify';
import { z } from 'zod';

import type { ShownSignature } from '../delivery/signed-address.ts';
import { notFound } from '../lib/errors.ts';
import { readInput } from './read-input.ts';

const signedQuerySchema = z.object({
  signature: z.string().max(200),
  role: z.enum(signedRoles).optional(),
  address: z.union([z.cidrv4(), z.cidrv6()]).optional(),
});

/** The signature in the query, with the disposition that it covers; undefined when there is none. A malformed one throws `not_found`. */
export function shownSignature(request: FastifyRequest, disposition: 'inline' | 'attachment'): ShownSignature | undefined {
  const query = request.query as Record<string, unknown>;
  if (query['signature'] === undefined) return undefined;
  const { data } = readInput(signedQuerySchema, query);
  if (data === null) throw notFound('media');
  return { signature: data.signature, role: data.role, disposition, address: data.address ?? null, caller: request.ip };
}
