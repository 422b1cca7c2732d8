import { createClient, createStore, type Client, type Store } from '@safelight/client';

import { apiPrefix } from './api-prefix.ts';
import { followKeptToken, keepToken, readKeptToken, takeTokenFromAddress } from './kept-token.ts';

export type SessionState = {
  token: string | null;
  /** The server has said 401. What is on the screen stays. */
  expired: boolean;
  /** Of another person, from a link: taken only when who is signed in says so. */
  offered: string | null;
  /** Rises with each signing in, for whatever has to begin anew then. */
  generation: number;
};

export type SessionStore = Store<SessionState> & { client: Client; signIn: (token: string) => void; signOut: () => void; refuseOffer: () => void };

/** One client for as long as the page is open: it asks for the token each time, so a fresh one reaches also what is under way. */
export function createSessionStore(): SessionStore {
  const given = takeTokenFromAddress();
  const kept = readKeptToken();
  if (given !== null && kept === null) keepToken(given);
  const { change, subscribe, getSnapshot } = createStore<SessionState>({
    token: kept ?? given,
    expired: false,
    offered: kept === null || given === kept ? null : given,
    generation: 0,
  });

  const client = createClient({
    baseURL: location.origin,
    apiPrefix,
    token: () => getSnapshot().token ?? '',
    fetch: async (input, init) => {
      const response = await fetch(input, init);
      const { token, offered } = getSnapshot();
      // What was asked under an earlier token says nothing of this one.
      const isRefused = response.status === 401 && token !== null && new Headers(init?.headers).get('authorization') === `Bearer ${token}`;
      // Nobody is signed in then, and there is nobody to ask: the server was started anew, and this is the link that it printed.
      if (isRefused && offered !== null) signIn(offered);
      else if (isRefused) change({ expired: true });
      return response;
    },
  });
  const become = (token: string): void => change({ token, expired: false, offered: null, generation: getSnapshot().generation + 1 });
  const signIn = (token: string): void => {
    keepToken(token);
    become(token);
  };
  const signOut = (): void => {
    keepToken(null);
    change({ token: null, expired: false, offered: null });
  };
  const refuseOffer = (): void => change({ offered: null });
  followKeptToken((token) => {
    if (token === getSnapshot().token) return;
    if (token === null) change({ token: null, expired: false, offered: null });
    else become(token);
  });
  // A console that is already open is given another token by its address alone: nothing is loaded again.
  addEventListener('hashchange', () => {
    const token = takeTokenFromAddress();
    const { token: current, expired } = getSnapshot();
    if (token === null || token === current) return;
    if (current === null || expired) signIn(token);
    else change({ offered: token });
  });
  return { subscribe, getSnapshot, client, signIn, signOut, refuseOffer };
}
