import { useCallback, useRef, useState } from 'react';

import { useToast } from '../shell/toast.ts';

export type Attempt = (failure: string, act: () => Promise<void>) => Promise<void>;

/** One thing at a time; what fails is told of, and the queue read again. */
export function useAttempt(reload: () => void): { busy: boolean; attempt: Attempt } {
  const toast = useToast();
  const [busy, setBusy] = useState(false);
  const acting = useRef(false);
  const attempt = useCallback<Attempt>(
    async (failure, act) => {
      // Two quick presses are one wish; the second would be about a photo that nobody has looked at yet.
      if (acting.current) return;
      acting.current = true;
      setBusy(true);
      try {
        await act();
      } catch (problem) {
        toast({ text: failure, problem });
        reload();
      } finally {
        acting.current = false;
        setBusy(false);
      }
    },
    [toast, reload],
  );
  return { busy, attempt };
}
