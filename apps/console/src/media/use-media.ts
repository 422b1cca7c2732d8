import { SafelightProblem } from '@safelight/client';
import type { Media } from '@safelight/contract/media';
import { mediaOptions } from '@safelight/react/hooks';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';

import { useLive } from '../live/live.ts';
import { useClient } from '../session/session.ts';

type MediaOfHook = { media: Media | null; problem: unknown; isGone: boolean; successor: Media | null; reload: () => void };

/** A record as it is now. `known` is shown until the first answer; `successor` is what took its place meanwhile. */
export function useMedia(id: string, known: Media | null): MediaOfHook {
  const { onEvent } = useLive();
  const [successor, setSuccessor] = useState<Media | null>(null);
  const { data, error, refetch } = useQuery(mediaOptions(useClient(), id));
  useEffect(
    () =>
      onEvent((event) => {
        if (event.event === 'media_replaced' && event.data.replaced === id) setSuccessor(event.data.media);
        if (event.event === 'media_restored' && event.data.mediaId === id) setSuccessor(null);
      }),
    [id, onEvent],
  );
  const media = data ?? known;
  return { media, problem: error, isGone: isGone(error, media), successor, reload: () => void refetch() };
}

/** Deleted, and what was there a moment ago also where it cannot be taken back any more. */
const isGone = (problem: unknown, media: Media | null): boolean =>
  problem instanceof SafelightProblem && (problem.code === 'gone' || (problem.code === 'not_found' && media !== null));
