import type { Media } from '@safelight/contract/media';
import { mediaOptions } from '@safelight/react/hooks';
import { useQueries } from '@tanstack/react-query';

import { useClient } from '../session/session.ts';

/** The records that jobs are about, each read once and again when it has changed; what is gone or not this caller's is not among them. */
export function useKnownMedia(ids: readonly string[]): ReadonlyMap<string, Media> {
  const client = useClient();
  const known = useQueries({
    queries: [...new Set(ids)].map((id) => ({ ...mediaOptions(client, id), staleTime: Infinity, refetchInterval: false as const })),
  });
  return new Map(known.flatMap(({ data }) => (data === undefined ? [] : [[data.id, data] as const])));
}
