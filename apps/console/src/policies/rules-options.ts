import type { Client } from '@safelight/client';
import { queryOptions } from '@tanstack/react-query';

/** The live rules of every collection, read once for all who ask and again when a policy was changed. */
export const rulesOptions = (client: Client) => queryOptions({ queryKey: ['rules'], queryFn: ({ signal }) => client.rules.list({ signal }), gcTime: Infinity });
