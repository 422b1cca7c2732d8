import type { Client, Media } from '@safelight/client';
import { useEffect, useState } from 'react';

import { wordsOf } from './words-of.ts';

export type GalleryState = { media: readonly Media[] | null; problem: string | null };

const everyMs = 5000;

/**
 * The public media of an entity. Events are only for owners and managers, so a public page reads again: when somebody returns to it, and now and then
 * while it is visible.
 */
export function useGallery(client: Client, { type, id, collection }: { type: string; id: string; collection: string }): GalleryState {
  const [state, setState] = useState<GalleryState>({ media: null, problem: null });
  useEffect(() => {
    const leaving = new AbortController();
    const read = async (): Promise<void> => {
      if (document.hidden) return;
      try {
        const { media } = await client.entities.read(type, id, { collection, signal: leaving.signal });
        setState({ media, problem: null });
      } catch (error) {
        if (!leaving.signal.aborted) setState((before) => ({ ...before, problem: wordsOf(error) }));
      }
    };
    void read();
    const timer = setInterval(() => void read(), everyMs);
    document.addEventListener('visibilitychange', () => void read(), { signal: leaving.signal });
    return () => {
      leaving.abort();
      clearInterval(timer);
    };
  }, [client, type, id, collection]);
  return state;
}
