import type { Client, EntityMedia } from '@safelight/client';
import { useCallback, useEffect, useState } from 'react';

import { wordsOf } from './words-of.ts';

export type EntityState = { entity: EntityMedia | null; problem: string | null; reload: () => Promise<void> };

/** The media of an entity that this caller may see, kept current by events. The owner also gets the tray. */
export function useEntity(client: Client, { type, id, collection }: { type: string; id: string; collection: string }): EntityState {
  const [entity, setEntity] = useState<EntityMedia | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const reload = useCallback(async () => {
    try {
      setEntity(await client.entities.read(type, id, { collection }));
      setProblem(null);
    } catch (error) {
      setProblem(wordsOf(error));
    }
  }, [client, type, id, collection]);
  useEffect(() => {
    const leaving = new AbortController();
    // At once, to show an error if the server does not answer; the stream may take longer.
    void reload();
    void follow(client, `${type}/${id}`, leaving.signal, reload).catch((error: unknown) => setProblem(wordsOf(error)));
    return () => leaving.abort();
  }, [client, type, id, reload]);
  return { entity, problem, reload };
}

/** Reads once the stream is open, because nothing is missed from then on, and after every event. */
async function follow(client: Client, entity: string, signal: AbortSignal, reload: () => Promise<void>): Promise<void> {
  const onState = ({ state }: { state: string }): void => void (state === 'open' && reload());
  for await (const { event } of client.events.follow({ entity }, { signal, onState })) {
    if (!event.endsWith('_progress')) await reload();
  }
}
