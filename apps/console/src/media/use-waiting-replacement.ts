import type { Client } from '@safelight/client';
import type { Media } from '@safelight/contract/media';
import { useQuery } from '@tanstack/react-query';

import { useReadOn } from '../live/use-read-on.ts';
import { useClient } from '../session/session.ts';

/** What waits to take the place of a record, as its owner's tray tells it; null when nothing does, or its bytes are still on their way. */
export function useWaitingReplacement(media: Media): Media | null {
  const client = useClient();
  const { id, collection, entity } = media;
  const queryKey = ['replacement', id, collection, entity?.type, entity?.id];
  const { data: tray } = useQuery({ queryKey, queryFn: ({ signal }) => readTray(client, media, signal) });
  useReadOn(queryKey, isOfARecord);
  return tray?.find(({ replaces }) => replaces === id) ?? null;
}

const readTray = async (client: Client, { collection, entity }: Media, signal: AbortSignal): Promise<readonly Media[]> =>
  entity === null
    ? (await client.media.list({ collection, limit: 200 }, { signal })).media
    : (await client.entities.read(entity.type, entity.id, { collection, signal })).tray.filter(({ upload }) => upload === null);

const isOfARecord = ({ event, data }: { event: string; data: { mediaId?: string } }): boolean => data.mediaId !== undefined && !event.endsWith('_progress');
