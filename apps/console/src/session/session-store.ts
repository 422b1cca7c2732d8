import { createClient, createStore, type Client, type Store } from '@safelight/client';

import { followKeptToken, keepToken, readKeptToken, takeTokenFromAddress, type GivenToken } from './kept-token.ts';
import { apiPrefix, cameByItself } from './page-facts.ts';

export type SessionState = {
  token: string | null;
  /** The server has said 401. What is on the screen stays. */
  expired: boolean;
  /** From a link, of another person or from another site: taken only when the person at the machine says so. */
  offered: string | null;
  /** A link was to sign in and held nothing that can be a token. */
  malformed: boolean;
  /** Rises with each signing in, for whatever has to begin anew then. */
  generation: number;
};

export type SessionStore = Store<SessionState> & { client: Client; signIn: (token: string) => void; signOut: () => void; refuseOffer: () => void };

/** One client for as long as the page is open: it asks for the token each time, so a fresh one reaches also what is under way. */
export function createSessionStore(): SessionStore {
  const { change, subscribe, getSnapshot } = createStore<SessionState>(beginWith(takeTokenFromAddress(), readKeptToken()));

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
      if (isRefused && offered !== null && cameByItself) signIn(offered);
      else if (isRefused) change({ expired: true });
      return response;
    },
  });
  const become = (token: string): void => change({ token, expired: false, offered: null, malformed: false, generation: getSnapshot().generation + 1 });
  const signIn = (token: string): void => {
    keepToken(token);
    become(token);
  };
  const signOut = (): void => {
    keepToken(null);
    change({ token: null, expired: false, offered: null, malformed: false });
  };
  const refuseOffer = (): void => change({ offered: null, malformed: false });
  followKeptToken((token) => {
    if (token === getSnapshot().token) return;
    if (token === null) change({ token: null, expired: false, offered: null });
    else become(token);
  });
  // A console that is already open is given another token by its address alone: nothing is loaded again, and nobody says who did that.
  addEventListener('hashchange', () => {
    const token = takeTokenFromAddress();
    if (token === null) change({ malformed: true });
    else if (token !== undefined && token !== getSnapshot().token) change({ offered: token });
  });
  return { subscribe, getSnapshot, client, signIn, signOut, refuseOffer };
}

/** A link signs in by itself where nobody is signed in and no other site sent it; all others are offers. */
function beginWith(given: GivenToken, kept: string | null): SessionState {
  const isTaken = typeof given === 'string' && kept === null && cameByItself;
  if (isTaken) keepToken(given);
  return {
    token: kept ?? (isTaken ? given : null),
    expired: false,
    offered: typeof given === 'string' && given !== kept && !isTaken ? given : null,
    malformed: given === null,
    generation: 0,
  };
}
