'use client';
import { createClient, type Client, type ClientOptions } from '@safelight/client';
import { useContext, useMemo } from 'react';

import { KitContext } from './context.ts';
import { useLatest } from './use-latest.ts';

export type ServiceOptions = {
  /** The API prefix of the server's configuration; `''` is valid too. Default: that of the provider's client, else `/v1`. */
  apiPrefix?: string | undefined;
  /** Picks a client from the provider's `services`; an unknown name has no effect. */
  serviceName?: string | undefined;
  /** Sent to the API, never to storage. A function is called for each attempt. */
  headers?: ClientOptions['headers'];
};

/** The client that a hook uses: that of the named service, that of the provider, or one for the page's own origin. */
export function useSafelightClient({ apiPrefix, serviceName, headers }: ServiceOptions = {}): Client {
  const kit = useContext(KitContext);
  const latest = useLatest(headers);
  const isOwn = apiPrefix !== undefined || headers !== undefined;
  const named = serviceName === undefined ? undefined : kit.services[serviceName];
  const given = named ?? (isOwn ? undefined : (kit.client ?? undefined));
  return useMemo(
    () =>
      given ??
      createClient({
        baseURL: '',
        apiPrefix,
        headers: () => {
          const now = latest();
          return typeof now === 'function' ? now() : now;
        },
      }),
    [given, apiPrefix, latest],
  );
}
