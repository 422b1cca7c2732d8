import { createClient } from '@safelight/client';
import { entityMediaOptions, jobOptions, libraryOptions, mediaOptions, SafelightProvider, useSafelightClient } from '@safelight/react';
import { QueryClient, QueryClientProvider, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';

type Asked = { artist: string; mediaId: string; jobId: string };

/** An application that reads with TanStack Query, by the options of the kit. */
export function QueryPage({ token, ...asked }: Asked & { token: string }) {
  const client = useMemo(() => createClient({ baseURL: '', token }), [token]);
  const [queries] = useState(() => new QueryClient());
  return (
    <SafelightProvider client={client}>
      <QueryClientProvider client={queries}>
        <main>
          <h1>Query</h1>
          <Queries {...asked} />
        </main>
      </QueryClientProvider>
    </SafelightProvider>
  );
}

function Queries({ artist, mediaId, jobId }: Asked) {
  const client = useSafelightClient();
  const library = useInfiniteQuery(libraryOptions(client, { entity: `artist/${artist}`, limit: 2 }));
  const media = useQuery(mediaOptions(client, mediaId));
  const entity = useQuery(entityMediaOptions(client, 'artist', artist, 'artist.images'));
  const job = useQuery(jobOptions(client, jobId));
  return (
    <>
      <ul>
        {library.data?.pages
          .flatMap((page) => page.media)
          .map(({ id, originalFileName }) => (
            <li key={id}>{originalFileName}</li>
          ))}
      </ul>
      <button type="button" disabled={!library.hasNextPage} onClick={() => void library.fetchNextPage()}>
        More
      </button>
      <p>{`Photo ${media.data?.originalFileName}`}</p>
      <p>{`Shown: ${entity.data?.media.length}`}</p>
      <p>{`Job ${job.data?.state}`}</p>
    </>
  );
}
