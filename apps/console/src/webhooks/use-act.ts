import { useCallback, useState } from 'react';

import { useToast } from '../shell/toast.ts';

/** Does one thing at a time and says what went wrong. */
export function useAct(onDone: () => void): { busy: boolean; act: (failure: string, work: () => Promise<unknown>) => void } {
  const toast = useToast();
  const [busy, setBusy] = useState(false);
  const act = useCallback(
    (failure: string, work: () => Promise<unknown>): void => {
      setBusy(true);
      work()
        .then(onDone, (problem: unknown) => toast({ text: failure, problem }))
        .finally(() => setBusy(false));
    },
    [onDone, toast],
  );
  return { busy, act };
}
