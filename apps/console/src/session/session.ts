import type { Client } from '@safelight/client';
import { createContext, useContext } from 'react';

import type { Claims } from './read-claims.ts';

export type Session = {
  client: Client;
  claims: Claims;
  /** Rises with each signing in, for whatever has to begin anew then. */
  generation: number;
  signOut: () => void;
};

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('Only what stands below SessionProvider has a session.');
  return session;
}

export const useClient = (): Client => useSession().client;
