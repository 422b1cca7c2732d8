import type { QueuedMedia } from '@safelight/contract/reviews';
import { useState } from 'react';

import { useLive } from '../live/live.ts';
import { useClient } from '../session/session.ts';
import { useToast } from '../shell/toast.ts';
import type { Attempt } from './use-attempt.ts';
import type { ReviewQueue } from './use-review-queue.ts';

/** What was decided at once: one, or those that were ticked. */
type Batch = readonly QueuedMedia[];
export type Undo = { note: (batch: Batch) => void; takeBack: (batch: Batch) => void; last: Batch | undefined };

/** The decisions of this page, to be taken back one after the other, the last one first. */
export function useUndo({ merge }: ReviewQueue, attempt: Attempt, show: (id: string | null) => void): Undo {
  const client = useClient();
  const { announce } = useLive();
  const toast = useToast();
  const [made, setMade] = useState<readonly Batch[]>([]);
  const act = async (batch: Batch): Promise<void> => {
    setMade((before) => before.filter((one) => one !== batch));
    for (const { id } of batch) {
      await client.reviews.undo(id);
      announce({ id, deleted: false });
    }
    // What was decided on among failed or rejected ones waits elsewhere now.
    const here = batch.filter(({ review }) => review === 'queued');
    merge(here);
    show(here[0]?.id ?? null);
    toast({ text: batch.length === 1 ? `${batch[0]?.originalFileName} waits again.` : `${batch.length} wait again.` });
  };
  return {
    note: (batch) => setMade((before) => [...before, batch]),
    takeBack: (batch) => void attempt({ failure: 'The decision could not be taken back', act: async () => await act(batch) }),
    last: made.at(-1),
  };
}
