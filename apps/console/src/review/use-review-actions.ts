import type { QueuedMedia, ReviewDecision } from '@safelight/contract/reviews';
import { useState } from 'react';

import { useClient, useSession } from '../session/session.ts';
import { useToast } from '../shell/toast.ts';
import { turnOf } from './describe-claim.ts';
import { useAttempt } from './use-attempt.ts';
import { useDecisions } from './use-decisions.ts';
import type { ReviewQueue } from './use-review-queue.ts';
import { useUndo } from './use-undo.ts';

/** All of them resolve to whether they worked. */
export type ReviewActions = {
  busy: boolean;
  /** How this moderator is called; null until the server has said it, where the token does not. */
  me: string | null;
  claimNext: () => Promise<boolean>;
  release: (item: QueuedMedia) => Promise<boolean>;
  decide: (item: QueuedMedia, decision: ReviewDecision, reason?: string) => Promise<boolean>;
  decideMany: (items: readonly QueuedMedia[], decision: ReviewDecision, reason?: string) => Promise<boolean>;
  retry: (items: readonly QueuedMedia[]) => Promise<boolean>;
  /** Takes the last decision back, or those that were made at once; undefined while there is none. */
  undo: (() => void) | undefined;
};

/** What a moderator does. `show` is told which photo to look at next. */
export function useReviewActions(queue: ReviewQueue, collection: string, show: (id: string | null) => void): ReviewActions {
  const { drop, merge } = queue;
  const client = useClient();
  const toast = useToast();
  const { busy, attempt } = useAttempt();
  const undo = useUndo(queue, attempt, show);
  const { last } = undo;
  const decisions = useDecisions(undo);
  const { me, take } = useClaims(queue, collection, show);
  const { passBy, leaveOut } = aheadIn(queue, show);

  return {
    busy,
    me,
    undo: last === undefined ? undefined : () => undo.takeBack(last),
    claimNext: () =>
      attempt({
        failure: 'Nothing could be claimed',
        async act() {
          if (!(await take())) toast({ text: 'Nothing is free: what waits is being looked at by others.' });
        },
      }),
    release: (item) =>
      attempt({
        failure: 'It could not be released',
        async act() {
          await client.reviews.release([item.id]);
          merge([{ ...item, claim: null }]);
        },
      }),
    decide: (item, decision, reason) =>
      attempt({
        failure: `${item.originalFileName} was not ${decision}`,
        ahead: () => passBy(item),
        async act() {
          await decisions.one(item, decision, reason);
          // A moderator who works with claims goes on with the next one.
          if (turnOf(item, me) === 'mine') await take().catch((problem: unknown) => toast({ text: 'Nothing more could be claimed', problem }));
        },
      }),
    decideMany: (chosen, decision, reason) =>
      attempt({ failure: `They were not ${decision}`, ahead: () => leaveOut(chosen), act: async () => await decisions.many(chosen, decision, reason) }),
    retry: (chosen) =>
      attempt({
        failure: 'The review could not be tried again',
        ahead: () => drop(chosen.map(({ id }) => id)),
        async act() {
          for (const { id } of chosen) await client.media.retry(id);
          toast({ text: chosen.length === 1 ? 'It is being reviewed again.' : `${chosen.length} are being reviewed again.` });
        },
      }),
  };
}

type Show = (id: string | null) => void;

/** Who claims, and what is free taken for them. */
function useClaims({ merge }: ReviewQueue, collection: string, show: Show): { me: string | null; take: () => Promise<boolean> } {
  const client = useClient();
  const { claims } = useSession();
  const [learned, setLearned] = useState<string | null>(null);
  return {
    me: claims.id ?? learned,
    async take() {
      const [taken] = await client.reviews.claim({ limit: 1, ...(collection === '' ? {} : { collection }) });
      if (!taken) return false;
      setLearned(taken.claim?.by ?? null);
      merge([taken]);
      show(taken.id);
      return true;
    },
  };
}

/** What is shown ahead of an answer; each answers how to take that back. */
const aheadIn = ({ items, drop }: ReviewQueue, show: Show) => ({
  /** Goes on with the neighbour of the one that is decided on, or comes back to it. */
  passBy({ id }: QueuedMedia): () => void {
    const at = items.findIndex((item) => item.id === id);
    show((items[at + 1] ?? items[at - 1])?.id ?? null);
    const bringBack = drop([id]);
    return () => {
      bringBack();
      show(id);
    };
  },
  leaveOut(chosen: readonly QueuedMedia[]): () => void {
    show(null);
    return drop(chosen.map(({ id }) => id));
  },
});
