import type { QueuedMedia, ReviewDecision } from '@safelight/contract/reviews';
import { useState } from 'react';

import { useClient, useSession } from '../session/session.ts';
import { useToast } from '../shell/toast.ts';
import { turnOf } from './describe-claim.ts';
import { useAttempt } from './use-attempt.ts';
import { useDecisions } from './use-decisions.ts';
import type { ReviewQueue } from './use-review-queue.ts';
import { useUndo } from './use-undo.ts';

export type ReviewActions = {
  busy: boolean;
  /** How this moderator is called; null until the server has said it, where the token does not. */
  me: string | null;
  claimNext: () => Promise<void>;
  release: (item: QueuedMedia) => Promise<void>;
  decide: (item: QueuedMedia, decision: ReviewDecision, reason?: string) => Promise<void>;
  decideMany: (items: readonly QueuedMedia[], decision: ReviewDecision, reason?: string) => Promise<void>;
  retry: (items: readonly QueuedMedia[]) => Promise<void>;
  /** Takes the last decision back, or those that were made at once; undefined while there is none. */
  undo: (() => void) | undefined;
};

/** What a moderator does. `show` is told which photo to look at next. */
export function useReviewActions(queue: ReviewQueue, collection: string, show: (id: string | null) => void): ReviewActions {
  const { items, drop, merge, reload } = queue;
  const client = useClient();
  const { claims } = useSession();
  const toast = useToast();
  const [learned, setLearned] = useState<string | null>(null);
  const { busy, attempt } = useAttempt(reload);
  const undo = useUndo(queue, attempt, show);
  const { last } = undo;
  const me = claims.id ?? learned;

  const take = async (): Promise<boolean> => {
    const [taken] = await client.reviews.claim({ limit: 1, ...(collection === '' ? {} : { collection }) });
    if (!taken) return false;
    setLearned(taken.claim?.by ?? null);
    merge([taken]);
    show(taken.id);
    return true;
  };
  const showNeighbour = ({ id }: QueuedMedia): void => {
    const at = items.findIndex((item) => item.id === id);
    show((items[at + 1] ?? items[at - 1])?.id ?? null);
  };
  const decisions = useDecisions(queue, undo, show);

  return {
    busy,
    me,
    undo: last === undefined ? undefined : () => void undo.takeBack(last),
    claimNext: () =>
      attempt('Nothing could be claimed', async () => {
        if (!(await take())) toast({ text: 'Nothing is free: what waits is being looked at by others.' });
      }),
    release: (item) =>
      attempt('It could not be released', async () => {
        await client.reviews.release([item.id]);
        merge([{ ...item, claim: null }]);
      }),
    decide: (item, decision, reason) =>
      attempt(`${item.originalFileName} was not ${decision}`, async () => {
        await decisions.one(item, decision, reason);
        showNeighbour(item);
        drop([item.id]);
        // A moderator who works with claims goes on with the next one.
        if (turnOf(item, me) === 'mine') await take();
      }),
    decideMany: (chosen, decision, reason) => attempt(`They were not ${decision}`, async () => await decisions.many(chosen, decision, reason)),
    retry: (chosen) =>
      attempt('The review could not be tried again', async () => {
        for (const { id } of chosen) {
          await client.media.retry(id);
          drop([id]);
        }
        toast({ text: chosen.length === 1 ? 'It is being reviewed again.' : `${chosen.length} are being reviewed again.` });
      }),
  };
}
