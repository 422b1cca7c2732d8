'use client';
import { createClient, type Client, type ClientOptions } from '@safelight/client';
import { useContext, useMemo } from 'react';

import { KitContext } from './context.ts';
import { useLatest } from './use-latest.ts';

export type ServiceOptions = {
  /** The API prefix of the server's configuration; `''` is valid too. Default: that of the client below, else `/v1`. */
  apiPrefix?: string | undefined;
  /** Picks a client from the provider's `services`; an unknown name has no effect. */
  serviceName?: string | undefined;
  /** Sent to the API, never to storage, besides the headers of the client. A function is called for each attempt. */
  headers?: ClientOptions['headers'];
};

/** The client that a hook uses: that of the named service, that of the provider, or one for the page's own origin; with the hook's own prefix and headers. */
export function useSafelightClient({ apiPrefix, serviceName, headers }: ServiceOptions = {}): Client {
  const kit = useContext(KitContext);
  const latest = useLatest(headers);
  const isOwn = apiPrefix !== undefined || headers !== undefined;
  const given = kit.services[serviceName ?? ''] ?? kit.client;
  return useMemo(() => {
    if (given && !isOwn) return given;
    const own = { apiPrefix, headers: latest };
    return given ? given.with(own) : createClient({ baseURL: '', ...own });
  }, [given, isOwn, apiPrefix, latest]);
}
