import { useCallback, useEffect, useState } from 'react';

import { useRecovery } from '../live/use-recovery.ts';
import { useAfterSignIn } from '../session/use-after-sign-in.ts';

export type Loaded<Value> = { value: Value | null; problem: unknown; loading: boolean; reload: () => void };

/** Loads when `load` changes (memoize it), on `reload`, and after signing in again, and when the server is heard again. What was there before stays to be seen until the new value is. */
export function useLoaded<Value>(load: (signal: AbortSignal) => Promise<Value>): Loaded<Value> {
  const [turn, setTurn] = useState(0);
  const [state, setState] = useState<{ value: Value | null; problem: unknown; loading: boolean }>({ value: null, problem: null, loading: true });
  useEffect(() => {
    const own = new AbortController();
    setState((before) => ({ ...before, loading: true }));
    load(own.signal).then(
      (value) => own.signal.aborted || setState({ value, problem: null, loading: false }),
      (problem: unknown) => own.signal.aborted || setState((before) => ({ ...before, problem, loading: false })),
    );
    return () => own.abort();
  }, [load, turn]);
  const reload = useCallback(() => setTurn((value) => value + 1), []);
  useAfterSignIn(reload);
  useRecovery(state.problem, reload);
  return { ...state, reload };
}
