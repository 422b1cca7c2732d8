import { useEffect, useRef } from 'react';

import { useSession } from './session.ts';

/** Runs once after each time that somebody has signed in again: what was refused meanwhile can be asked for now. */
export function useAfterSignIn(run: () => void): void {
  const { generation } = useSession();
  const known = useRef(generation);
  useEffect(() => {
    if (known.current === generation) return;
    known.current = generation;
    run();
  }, [generation, run]);
}
