import type { Policy, PolicyRules } from '@safelight/contract/api';

import { request, send, type CallOptions, type Connection, type RequestInput } from './request.ts';

export type PolicyWithEtag = { policy: Policy; etag: string | null };
/** Of the photos that are there when the gate is turned on. */
export type ReviewExisting = NonNullable<NonNullable<RequestInput<'changePolicy'>['query']>['reviewExisting']>;
export type HistoryPage = NonNullable<RequestInput<'readPolicyHistory'>['query']>;

export type PoliciesResource = ReturnType<typeof policiesResource>;

/** The site policies, for managers. */
export function policiesResource(connection: Connection) {
  return {
    /** The policy and its `ETag`, which a change takes as `ifMatch`. */
    async read(collection: string, options: CallOptions = {}): Promise<PolicyWithEtag> {
      const { body, headers } = await send(connection, 'readPolicy', { ...options, params: { collection } });
      return { policy: body.policy, etag: headers.get('etag') };
    },
    /** Puts the whole policy in place. `reviewExisting` counts when the gate is turned on: what becomes of the photos that are there. */
    async change(collection: string, rules: PolicyRules, options: CallOptions & { reviewExisting?: ReviewExisting | undefined } = {}): Promise<PolicyWithEtag> {
      const { reviewExisting, ...call } = options;
      const change = { ...rules, ...(reviewExisting === undefined ? {} : { reviewExisting }) };
      const { body, headers } = await send(connection, 'changePolicy', { ...call, params: { collection }, body: change });
      return { policy: body.policy, etag: headers.get('etag') };
    },
    /** Newest first. */
    history: (collection: string, query: HistoryPage = {}, options: CallOptions = {}) =>
      request(connection, 'readPolicyHistory', { ...options, params: { collection }, query }),
  };
}
