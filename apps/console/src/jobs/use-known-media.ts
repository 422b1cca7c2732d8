import type { Media } from '@safelight/contract/media';
import { useEffect, useState } from 'react';

import { useClient } from '../session/session.ts';

/** The records that jobs are about, each read once; what is gone or not this caller's is not among them. */
export function useKnownMedia(ids: readonly string[]): ReadonlyMap<string, Media> {
  const client = useClient();
  const [known, setKnown] = useState<ReadonlyMap<string, Media | null>>(new Map());
  const missing = [...new Set(ids)].filter((id) => !known.has(id)).join(' ');
  useEffect(() => {
    if (missing === '') return undefined;
    const own = new AbortController();
    const read = async (id: string): Promise<[string, Media | null]> => [id, await client.media.read(id, { signal: own.signal, retries: 0 }).catch(() => null)];
    void Promise.all(missing.split(' ').map(read)).then((found) => own.signal.aborted || setKnown((before) => new Map([...before, ...found])));
    return () => own.abort();
  }, [client, missing]);
  return new Map([...known].flatMap(([id, media]) => (media === null ? [] : [[id, media] as const])));
}
