import type { Client } from '@safelight/client';
import { queryOptions } from '@tanstack/react-query';

/** The policy of a collection, read again whenever it was changed by anybody. */
export const policyOptions = (client: Client, collection: string) =>
  queryOptions({ queryKey: ['policy', collection], queryFn: ({ signal }) => client.policies.read(collection, { signal }) });
