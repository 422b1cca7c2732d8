import type { Client } from '@safelight/client';
import { useQuery } from '@tanstack/react-query';

import { apiPrefix } from '../session/page-facts.ts';
import { useClient } from '../session/session.ts';

export type Overview = Awaited<ReturnType<typeof read>>['overview'];
export type Health = Readonly<Record<string, string>>;

const everyMs = 5_000;
const read = (client: Client, signal: AbortSignal) => client.request('readOverview', { signal });

/** The figures of the site and what the server says of its own parts, as they are now. */
export function useOverview() {
  const client = useClient();
  return useQuery({
    queryKey: ['overview'],
    queryFn: async ({ signal }): Promise<{ overview: Overview; health: Health }> => {
      const [{ overview }, health] = await Promise.all([read(client, signal), readHealth(signal)]);
      return { overview, health };
    },
    refetchInterval: everyMs,
  });
}

/** It stands at the root, whatever the prefix of the API is; where a proxy keeps it to itself there is nothing to say. */
async function readHealth(signal: AbortSignal): Promise<Health> {
  try {
    const answer = await fetch(new URL('/readyz', new URL(apiPrefix || '/', location.origin)), { signal });
    return ((await answer.json()) as { checks?: Health }).checks ?? {};
  } catch {
    return {};
  }
}
