import type { Page, Policy, PolicyHistory, PolicyRules } from '@safelight/contract/api';

import { request, send, type CallOptions, type Connection, type RequestInput } from './request.ts';

export type PolicyWithEtag = { policy: Policy; etag: string | null };
/** What happens to existing photos when the gate is turned on. */
export type ReviewExisting = NonNullable<NonNullable<RequestInput<'changePolicy'>['query']>['reviewExisting']>;
export type PolicyOptions = CallOptions & { reviewExisting?: ReviewExisting | undefined };

/** The site policies, for managers. */
export interface PoliciesResource {
  /** The policy and its `ETag`, to pass as `ifMatch` with a change. */
  read: (collection: string, options?: CallOptions) => Promise<PolicyWithEtag>;
  /** Replaces the whole policy. `reviewExisting` matters when the gate is turned on: it says what happens to existing photos. */
  change: (collection: string, rules: PolicyRules, options?: PolicyOptions) => Promise<PolicyWithEtag>;
  /** Newest first. */
  history: (collection: string, query?: Page, options?: CallOptions) => Promise<PolicyHistory>;
}

/** @internal */
export function policiesResource(connection: Connection): PoliciesResource {
  return {
    async read(collection, options = {}) {
      const { body, headers } = await send(connection, 'readPolicy', { ...options, params: { collection } });
      return { policy: body.policy, etag: headers.get('etag') };
    },
    async change(collection, rules, { reviewExisting, ...call } = {}) {
      const change = { ...rules, ...(reviewExisting === undefined ? {} : { reviewExisting }) };
      const { body, headers } = await send(connection, 'changePolicy', { ...call, params: { collection }, body: change });
      return { policy: body.policy, etag: headers.get('etag') };
    },
    history: (collection, query = {}, options = {}) => request(connection, 'readPolicyHistory', { ...options, params: { collection }, query }),
  };
}
