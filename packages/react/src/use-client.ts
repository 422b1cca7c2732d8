'use client';
import { createClient, type Client, type ClientOptions } from '@safelight/client';
import { useContext, useMemo } from 'react';

import { KitContext } from './context.ts';
import { useLatest } from './use-latest.ts';

export type ServiceOptions = {
  /** As the server's configuration says; `''` is a prefix too. Default: the provider's client, else `/v1`. */
  apiPrefix?: string | undefined;
  /** Picks a client of the provider's `services`; a name that is not there is only a label. */
  serviceName?: string | undefined;
  /** Sent with each request to the API, never to storage. A function is asked for each attempt. */
  headers?: ClientOptions['headers'];
};

/** The client that a hook is to use: the service that it names, the provider's, or one to the page's own origin. */
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
