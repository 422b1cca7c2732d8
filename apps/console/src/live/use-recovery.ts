import { SafelightProblem } from '@safelight/client';
import { useContext, useEffect, useRef } from 'react';

import { LiveContext } from './live.ts';

const retryMs = 3_000;

/**
 * Runs when what was shown can be read again: once after each time that the server's events are heard again, and every few seconds
 * while `problem` is that the server cannot be reached.
 */
export function useRecovery(problem: unknown, run: () => void): void {
  // Null on pages that nobody has signed in to.
  const state = useContext(LiveContext)?.connection.state ?? null;
  const wasLost = useRef(false);
  useEffect(() => {
    if (state === 'reconnecting' || state === 'closed') wasLost.current = true;
    if (state !== 'open' || !wasLost.current) return;
    wasLost.current = false;
    run();
  }, [state, run]);

  useEffect(() => {
    if (!(problem instanceof SafelightProblem) || (problem.code !== 'network_error' && problem.code !== 'unavailable')) return undefined;
    // Another problem, even the same one again, sets another timer.
    const timer = setTimeout(run, retryMs);
    return () => clearTimeout(timer);
  }, [problem, run]);
}
