import type { QueuedMedia, ReviewDecision } from '@safelight/contract/reviews';

import { useLive } from '../live/live.ts';
import { useClient } from '../session/session.ts';
import { useToast } from '../shell/toast.ts';
import type { Undo } from './use-undo.ts';

type Decisions = {
  one: (item: QueuedMedia, decision: ReviewDecision, reason?: string) => Promise<void>;
  many: (items: readonly QueuedMedia[], decision: ReviewDecision, reason?: string) => Promise<void>;
};

/** Sends decisions, tells of them in one message that counts, and remembers them to be taken back. */
export function useDecisions(undo: Undo): Decisions {
  const client = useClient();
  const { announce } = useLive();
  const toast = useToast();
  const note = (decided: readonly QueuedMedia[]): (() => void) => {
    undo.note(decided);
    for (const { id } of decided) announce({ id, deleted: false });
    return () => undo.takeBack(decided);
  };
  return {
    async one(item, decision, reason) {
      await client.reviews.decide(item.id, { decision, ...(reason ? { reason } : {}) });
      toast({
        text: `${item.originalFileName} was ${decision}.`,
        tally: { name: `review-${decision}`, words: (count) => `${count} ${decision}.` },
        undo: note([item]),
      });
    },
    // Those that were refused come back with the next reading of the queue.
    async many(chosen, decision, reason) {
      const results = await client.reviews.decideMany(chosen.map(({ id }) => ({ id, decision, ...(reason ? { reason } : {}) })));
      const done = results.filter(({ status }) => status === 200).map(({ id }) => id);
      const refused = results.find(({ status }) => status !== 200)?.problem;
      toast({
        text: `${done.length} of ${chosen.length} ${decision}.`,
        undo: note(chosen.filter(({ id }) => done.includes(id))),
        ...(refused ? { problem: new Error(typeof refused['detail'] === 'string' ? refused['detail'] : 'The others were refused.') } : {}),
      });
    },
  };
}
