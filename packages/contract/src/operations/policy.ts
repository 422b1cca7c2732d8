import { z } from 'zod';

import { mediaRulesSchema, policySchema } from '../media-rules.ts';
import { pageFields } from '../fields.ts';
import { mostChars } from '../limits.ts';
import { policyChangeQuerySchema, policyChangeSchema, policyHistorySchema } from '../policies.ts';
import { ifMatch, type Operation } from './operation.ts';

export const policyOperations = {
  readMediaRules: {
    method: 'GET',
    path: '/meta/media-rules',
    summary: 'Read the live upload rules of one collection, or of all',
    tag: 'Policy',
    scope: 'public',
    query: z.strictObject({ collection: z.string().max(mostChars.collection).optional() }),
    answers: { 200: z.object({ rules: z.union([mediaRulesSchema, z.array(mediaRulesSchema)]) }), 304: null },
  },
  readPolicy: {
    method: 'GET',
    path: '/policies/{collection}',
    summary: 'Read the site policy of a collection',
    tag: 'Policy',
    scope: 'media:manage',
    params: z.object({ collection: z.string().max(mostChars.collection) }),
    answers: { 200: z.object({ policy: policySchema }), 304: null },
  },
  changePolicy: {
    method: 'PUT',
    path: '/policies/{collection}',
    summary: 'Replace the policy of a collection, from the next request on every server',
    tag: 'Policy',
    scope: 'media:manage',
    params: z.object({ collection: z.string().max(mostChars.collection) }),
    query: policyChangeQuerySchema,
    headers: ifMatch,
    body: policyChangeSchema,
    answers: { 200: z.object({ policy: policySchema }) },
    errors: ['precondition_failed'],
  },
  readPolicyHistory: {
    method: 'GET',
    path: '/policies/{collection}/history',
    summary: 'List the changes of a policy, newest first',
    tag: 'Policy',
    scope: 'media:manage',
    params: z.object({ collection: z.string().max(mostChars.collection) }),
    query: z.strictObject(pageFields),
    answers: { 200: policyHistorySchema },
  },
} as const satisfies Record<string, Operation>;
