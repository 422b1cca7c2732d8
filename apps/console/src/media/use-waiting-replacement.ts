import type { Media } from '@safelight/contract/media';
import { useCallback, useEffect } from 'react';

import { useLive } from '../live/live.ts';
import { useLoaded } from '../parts/use-loaded.ts';
import { useClient } from '../session/session.ts';

/** Events come in bursts; one reading a burst is enough. */
const burstMs = 250;

/** What waits to take the place of a record, as its owner's tray tells it; null when nothing does, or its bytes are still on their way. */
export function useWaitingReplacement({ id, collection, entity }: Media): Media | null {
  const client = useClient();
  const { onMediaChange } = useLive();
  const [type, entityId] = [entity?.type, entity?.id];
  const load = useCallback(
    async (signal: AbortSignal): Promise<Media | null> => {
      const all =
        type === undefined || entityId === undefined
          ? (await client.media.list({ collection, limit: 200 }, { signal })).media
          : (await client.entities.read(type, entityId, { collection, signal })).tray.filter(({ upload }) => upload === null);
      return all.find(({ replaces }) => replaces === id) ?? null;
    },
    [client, id, collection, type, entityId],
  );
  const { value, reload } = useLoaded(load);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = onMediaChange(() => {
      timer ??= setTimeout(() => {
        timer = undefined;
        reload();
      }, burstMs);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [onMediaChange, reload]);
  return value;
}
