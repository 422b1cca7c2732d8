import type { QueuedMedia } from '@safelight/contract/reviews';
import { turnOf, type Decided, type Decision, type ReviewQueueOfHook } from '@safelight/react/review';

import { useLive } from '../live/live.ts';
import { titleOf } from '../media/title-of.ts';
import { useSession } from '../session/session.ts';
import { useToast, type Toast } from '../shell/toast.ts';

export type ReviewActions = {
  /** How this moderator is called; null until the server has said it, where the token does not. */
  me: string | null;
  claimNext: () => Promise<void>;
  release: (item: QueuedMedia) => Promise<void>;
  decide: (item: QueuedMedia, decision: Decision, reason?: string) => Promise<void>;
  decideMany: (items: readonly QueuedMedia[], decision: Decision, reason?: string) => Promise<void>;
  retry: (items: readonly QueuedMedia[]) => Promise<void>;
  /** Takes the last decision back, or those that were made at once; undefined while there is none. */
  undo: (() => void) | undefined;
};

type Show = (id: string | null) => void;

/** What a moderator does, and what is said of it. `show` is told which photo to look at next. */
export function useReviewActions(queue: ReviewQueueOfHook, show: Show): ReviewActions {
  const toast = useToast();
  const { claims } = useSession();
  const me = claims.id ?? queue.me;
  const { tellRefusal, tellDecided, takeBack } = useDecided(queue, show);
  const take = async (failure: string, nothing?: string): Promise<void> => {
    const taken = await queue.claim();
    if (taken) show(taken.id);
    else if (taken === undefined) tellRefusal(failure);
    else if (nothing !== undefined) toast({ text: nothing });
  };

  return {
    me,
    undo: queue.last === null ? undefined : () => void takeBack(),
    claimNext: () => take('Nothing could be claimed', 'Nothing is free: what waits is being looked at by others.'),
    async release({ id }) {
      if (!(await queue.release(id))) tellRefusal('It could not be released');
    },
    async decide(item, decision, reason) {
      const { items, isBusy } = queue.getSnapshot();
      if (isBusy) return;
      const at = items.findIndex(({ id }) => id === item.id);
      const deciding = queue.decide(item.id, decision, reason);
      show((items[at + 1] ?? items[at - 1])?.id ?? null);
      const decided = await deciding;
      if (!decided) {
        show(item.id);
        return tellRefusal(`${titleOf(item)} was not ${decision}`);
      }
      const tally = { name: `review-${decision}`, words: (count: number) => `${count} ${decision}.` };
      tellDecided(decided, { text: `${titleOf(item)} was ${decision}.`, tally });
      // A moderator who works with claims goes on with the next one.
      if (turnOf(item, me) === 'mine') await take('Nothing more could be claimed');
    },
    async decideMany(chosen, decision, reason) {
      if (queue.getSnapshot().isBusy) return;
      const deciding = queue.decideMany(idsOf(chosen), decision, reason);
      show(null);
      const decided = await deciding;
      if (!decided) return tellRefusal(`They were not ${decision}`);
      const { refusal } = queue.getSnapshot();
      tellDecided(decided, { text: `${decided.items.length} of ${chosen.length} ${decision}.`, ...(refusal && { problem: refusal }) });
    },
    async retry(chosen) {
      if (!(await queue.retry(idsOf(chosen)))) return tellRefusal('The review could not be tried again');
      toast({ text: chosen.length === 1 ? 'It is being reviewed again.' : `${chosen.length} are being reviewed again.` });
    },
  };
}

/** What is said after an act, and how a decision is taken back. */
function useDecided(queue: ReviewQueueOfHook, show: Show) {
  const toast = useToast();
  const { announce } = useLive();
  // A second press while the first one is under way does nothing, and is told nothing.
  const tellRefusal = (text: string): void => {
    const { refusal } = queue.getSnapshot();
    if (refusal) toast({ text, problem: refusal });
  };
  const takeBack = async (decided?: Decided): Promise<void> => {
    const back = await queue.undo(decided);
    if (!back) return tellRefusal('The decision could not be taken back');
    for (const { id } of back.items) announce({ id, deleted: false });
    // What was decided on among failed or rejected ones waits elsewhere now.
    show(back.items.find(({ review }) => review === 'queued')?.id ?? null);
    toast({ text: back.items.length === 1 && back.items[0] ? `${titleOf(back.items[0])} waits again.` : `${back.items.length} wait again.` });
  };
  const tellDecided = (decided: Decided, words: Toast): void => {
    for (const { id } of decided.items) announce({ id, deleted: false });
    toast({ ...words, ...(decided.items.length > 0 && { undo: () => void takeBack(decided) }) });
  };
  return { tellRefusal, takeBack, tellDecided };
}

const idsOf = (items: readonly QueuedMedia[]): string[] => items.map(({ id }) => id);
