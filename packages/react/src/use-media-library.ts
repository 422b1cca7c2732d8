'use client';
import type { Media } from '@safelight/client';
import { useMemo } from 'react';

import { createLibrary, emptyLibrary, type LibraryQuery, type LibrarySnapshot } from './library.ts';
import { useSafelightClient, type ServiceOptions } from './use-client.ts';
import { useStore } from './use-store.ts';

export type MediaLibraryOptions = ServiceOptions &
  LibraryQuery & {
    /** Whether events keep it up to date. Default true. */
    live?: boolean | undefined;
  };

export type LibraryOfHook = LibrarySnapshot & {
  reload: () => void;
  loadMore: () => void;
  /** Deletes by object path or id, as `MediaLibrary` calls it. Resolves with what an undo needs. */
  onDelete: (idOrPath: string) => Promise<{ media: Media; undoUntil: string }>;
  onRestore: (id: string) => Promise<Media>;
};

/** The caller's library, or a part of it, newest first: `<MediaLibrary {...useMediaLibrary()} />`. */
export function useMediaLibrary({ apiPrefix, serviceName, headers, live, ...query }: MediaLibraryOptions = {}): LibraryOfHook {
  const client = useSafelightClient({ apiPrefix, serviceName, headers });
  const asked = JSON.stringify(query);
  const library = useMemo(() => createLibrary(client, JSON.parse(asked) as LibraryQuery, live), [client, asked, live]);
  return { ...useStore(library, emptyLibrary), ...library, onDelete: library.remove, onRestore: library.restore };
}
