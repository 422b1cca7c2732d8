import type { PolicyWithEtag } from '@safelight/client';
import { useCallback, useEffect } from 'react';

import { useLive } from '../live/live.ts';
import { useLoaded, type Loaded } from '../parts/use-loaded.ts';
import { useClient } from '../session/session.ts';

/** The policy of a collection, read again whenever it was changed by anybody. */
export function usePolicy(collection: string): Loaded<PolicyWithEtag> {
  const client = useClient();
  const { onEvent } = useLive();
  const load = useCallback((signal: AbortSignal) => client.policies.read(collection, { signal }), [client, collection]);
  const loaded = useLoaded(load);
  const { reload } = loaded;
  useEffect(
    () =>
      onEvent((event) => {
        if (event.event === 'policy_changed' && event.data.collection === collection) reload();
      }),
    [onEvent, collection, reload],
  );
  return loaded;
}
