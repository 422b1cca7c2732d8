import { useEffect, useState, type ReactNode } from 'react';

import { mediaToken } from '../shared/media-token.ts';
import { wordsOf } from '../shared/words-of.ts';

/** For a page that takes a plain token: requests one, and the next before it expires. */
export function Signed({ children }: { children: (token: string) => ReactNode }): ReactNode {
  const [token, setToken] = useState('');
  const [problem, setProblem] = useState('');
  useEffect(() => {
    const ask = (): void => void mediaToken().then(setToken, (error: unknown) => setProblem(wordsOf(error)));
    ask();
    const timer = setInterval(ask, 10_000);
    return () => clearInterval(timer);
  }, []);
  if (token !== '') return children(token);
  return (
    <>
      <h1>One moment</h1>
      <p role="status">{problem === '' ? 'Signing you in.' : problem}</p>
    </>
  );
}
