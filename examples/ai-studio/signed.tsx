import { useEffect, useState, type ReactNode } from 'react';

import { mediaToken } from '../shared/media-token.ts';

/** For a page that takes the token as it is: asks for one, and for the next before it ends. */
export function Signed({ children }: { children: (token: string) => ReactNode }): ReactNode {
  const [token, setToken] = useState('');
  useEffect(() => {
    const ask = (): void => void mediaToken().then(setToken, () => undefined);
    ask();
    const timer = setInterval(ask, 60_000);
    return () => clearInterval(timer);
  }, []);
  return token === '' ? null : children(token);
}
