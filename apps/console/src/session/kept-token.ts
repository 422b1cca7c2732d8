const storageKey = 'safelight-token';

/** The token of this tab. It is gone when the tab is closed, and other tabs never had it. */
export const readKeptToken = (): string | null => sessionStorage.getItem(storageKey);

export function keepToken(token: string | null): void {
  if (token === null) sessionStorage.removeItem(storageKey);
  else sessionStorage.setItem(storageKey, token);
}

/** Takes the token out of `#token=…`, as `npm start` prints it, and the fragment out of the address and its history entry. */
export function takeTokenFromAddress(): string | null {
  const token = /^#token=(.+)$/.exec(location.hash)?.[1];
  if (token === undefined) return null;
  history.replaceState(null, '', `${location.pathname}${location.search}#/`);
  return decodeURIComponent(token);
}
