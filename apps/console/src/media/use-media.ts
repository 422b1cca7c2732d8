import type { Media } from '@safelight/contract/media';
import { useCallback, useEffect, useState } from 'react';

import { useLive } from '../live/live.ts';
import { useLoaded } from '../parts/use-loaded.ts';
import { useClient } from '../session/session.ts';

/** A record that is read again whenever it is told to have changed. `known` is shown until the first answer; `successor` is what took its place meanwhile. */
export function useMedia(
  id: string,
  known: Media | null,
): { media: Media | null; problem: unknown; deleted: boolean; successor: Media | null; reload: () => void } {
  const client = useClient();
  const { onMediaChange, onEvent } = useLive();
  const [deleted, setDeleted] = useState(false);
  const [successor, setSuccessor] = useState<Media | null>(null);
  const load = useCallback(
    async (signal: AbortSignal): Promise<Media> => {
      const media = await client.media.read(id, { signal });
      // What can be read is there, whatever was told of it before.
      setDeleted(false);
      setSuccessor(null);
      return media;
    },
    [client, id],
  );
  const { value, problem, reload } = useLoaded(load);
  useEffect(
    () =>
      onMediaChange((change) => {
        if (change.id !== id) return;
        if (change.deleted) setDeleted(true);
        else reload();
      }),
    [id, onMediaChange, reload],
  );
  useEffect(
    () =>
      onEvent((event) => {
        if (event.event === 'media_replaced' && event.data.replaced === id) setSuccessor(event.data.media);
      }),
    [id, onEvent],
  );
  return { media: value ?? known, problem, deleted, successor, reload };
}
