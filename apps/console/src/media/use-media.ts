import type { Media } from '@safelight/contract/media';
import { useCallback, useEffect, useState } from 'react';

import { useLive } from '../live/live.ts';
import { useLoaded } from '../parts/use-loaded.ts';
import { useClient } from '../session/session.ts';

/** A record that is read again whenever it is told to have changed. `known` is shown until the first answer. */
export function useMedia(id: string, known: Media | null): { media: Media | null; problem: unknown; deleted: boolean; reload: () => void } {
  const client = useClient();
  const { onMediaChange } = useLive();
  const [deleted, setDeleted] = useState(false);
  const load = useCallback((signal: AbortSignal) => client.media.read(id, { signal }), [client, id]);
  const { value, problem, reload } = useLoaded(load);
  useEffect(
    () =>
      onMediaChange((change) => {
        if (change.id !== id) return;
        setDeleted(change.deleted);
        if (!change.deleted) reload();
      }),
    [id, onMediaChange, reload],
  );
  return { media: value ?? known, problem, deleted, reload };
}
