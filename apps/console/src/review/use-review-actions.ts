import type { QueuedMedia, ReviewDecision } from '@safelight/contract/reviews';
import { useCallback, useRef, useState } from 'react';

import { useLive } from '../live/live.ts';
import { useClient, useSession } from '../session/session.ts';
import { useToast } from '../shell/toast.ts';
import { turnOf } from './describe-claim.ts';
import type { ReviewQueue } from './use-review-queue.ts';

export type ReviewActions = {
  busy: boolean;
  /** How this moderator is called; null until the server has said it, where the token does not. */
  me: string | null;
  claimNext: () => Promise<void>;
  release: (item: QueuedMedia) => Promise<void>;
  decide: (item: QueuedMedia, decision: ReviewDecision, reason?: string) => Promise<void>;
  decideMany: (items: readonly QueuedMedia[], decision: ReviewDecision, reason?: string) => Promise<void>;
  retry: (items: readonly QueuedMedia[]) => Promise<void>;
};

/** What a moderator does. `show` is told which photo to look at next. */
export function useReviewActions({ items, drop, merge, reload }: ReviewQueue, collection: string, show: (id: string | null) => void): ReviewActions {
  const client = useClient();
  const { claims } = useSession();
  const { announce } = useLive();
  const toast = useToast();
  const [learned, setLearned] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const acting = useRef(false);
  const me = claims.id ?? learned;

  const attempt = useCallback(
    async (failure: string, act: () => Promise<void>): Promise<void> => {
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

  return {
    busy,
    me,
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
        await client.reviews.decide(item.id, { decision, ...(reason ? { reason } : {}) });
        showNeighbour(item);
        drop([item.id]);
        announce({ id: item.id, deleted: false });
        toast({ text: `${item.originalFileName} was ${decision}.`, tally: { name: `review-${decision}`, words: (count) => `${count} ${decision}.` } });
        // Who works with claims goes on with the next one.
        if (turnOf(item, me) === 'mine') await take();
      }),
    decideMany: (chosen, decision, reason) =>
      attempt(`They were not ${decision}`, async () => {
        const results = await client.reviews.decideMany(chosen.map(({ id }) => ({ id, decision, ...(reason ? { reason } : {}) })));
        const done = results.filter(({ status }) => status === 200).map(({ id }) => id);
        const refused = results.find(({ status }) => status !== 200)?.problem;
        show(null);
        drop(done);
        for (const id of done) announce({ id, deleted: false });
        toast({
          text: `${done.length} of ${chosen.length} ${decision}.`,
          ...(refused ? { problem: new Error(typeof refused['detail'] === 'string' ? refused['detail'] : 'The others were refused.') } : {}),
        });
        if (refused) reload();
      }),
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
