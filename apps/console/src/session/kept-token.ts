const storageKey = 'safelight-token';

/**
 * The token of this browser: every tab of the console is the same person, and signing out in one signs out in all. It lies where only
 * pages of this origin can read it, and on this origin nothing runs but the console's own files (see its content security policy).
 */
export const readKeptToken = (): string | null => localStorage.getItem(storageKey);

export function keepToken(token: string | null): void {
  if (token === null) localStorage.removeItem(storageKey);
  else localStorage.setItem(storageKey, token);
}

/** Tells when another tab has signed in, or out. */
export function followKeptToken(tell: (token: string | null) => void): void {
  addEventListener('storage', (event) => {
    // Without a key everything was cleared.
    if (event.storageArea === localStorage && (event.key === storageKey || event.key === null)) tell(readKeptToken());
  });
}

/** A link that signs in: undefined where the address is none, null where it is one that holds nothing that can be a token. */
export type GivenToken = string | null | undefined;

/** Takes the token out of `#token=…`, as `npm start` prints it, and the fragment out of the address and its history entry. */
export function takeTokenFromAddress(): GivenToken {
  const token = /^#token=(.*)$/s.exec(location.hash)?.[1];
  if (token === undefined) return undefined;
  history.replaceState(null, '', `${location.pathname}${location.search}#/`);
  return tokenIn(token);
}

/** What a fragment holds, if that can be a token at all: anybody can make a link, and whatever stands in it must not stop the page. */
export function tokenIn(fragment: string): string | null {
  try {
    const token = decodeURIComponent(fragment).trim();
    return /^[\x21-\x7e]+$/.test(token) ? token : null;
  } catch {
    return null;
  }
}
