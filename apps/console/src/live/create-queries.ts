import { QueryClient } from '@tanstack/react-query';

import { recoveryOf } from './recovery-of.ts';

/**
 * What was read is kept current by events: neither its age, nor a window that is looked at again, nor what the browser thinks of the network
 * says anything. What nobody looks at is let go: it would be shown as it was, after somebody has changed it elsewhere.
 */
export const createQueries = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: { networkMode: 'always', retry: false, gcTime: 0, refetchOnWindowFocus: false, refetchOnReconnect: false, refetchInterval: recoveryOf },
      mutations: { networkMode: 'always' },
    },
  });
