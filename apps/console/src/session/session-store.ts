import { createClient, createStore, type Client, type Store } from '@safelight/client';

import { apiPrefix } from './api-prefix.ts';
import { keepToken, readKeptToken, takeTokenFromAddress } from './kept-token.ts';

export type SessionState = {
  token: string | null;
  /** The server has said 401. What is on the screen stays. */
  expired: boolean;
  /** Rises with each signing in, for whatever has to begin anew then. */
  generation: number;
};

export type SessionStore = Store<SessionState> & { client: Client; signIn: (token: string) => void; signOut: () => void };

/** One client for as long as the page is open: it asks for the token each time, so a fresh one reaches also what is under way. */
export function createSessionStore(): SessionStore {
  const given = takeTokenFromAddress();
  if (given !== null) keepToken(given);
  const { change, subscribe, getSnapshot } = createStore<SessionState>({ token: given ?? readKeptToken(), expired: false, generation: 0 });

  const client = createClient({
    baseURL: location.origin,
    apiPrefix,
    token: () => getSnapshot().token ?? '',
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      if (response.status === 401 && getSnapshot().token !== null) change({ expired: true });
      return response;
    },
  });
  const signIn = (token: string): void => {
    keepToken(token);
    change({ token, expired: false, generation: getSnapshot().generation + 1 });
  };
  const signOut = (): void => {
    keepToken(null);
    change({ token: null, expired: false });
  };
  // A console that is already open is given another token by its address alone: nothing is loaded again.
  addEventListener('hashchange', () => {
    const token = takeTokenFromAddress();
    if (token !== null) signIn(token);
  });
  return { subscribe, getSnapshot, client, signIn, signOut };
}
