'use client';
import { useEffect, useState } from 'react';

import type { ReviewLabels } from './review-labels.ts';
import type { Decision, Queued } from './review-snapshot.ts';
import type { ReviewQueueOfHook } from './use-review-queue.ts';

/** The moderator whose turn it is. `others`: another one looks at it, and the server would refuse a decision of ours. */
export type Turn = 'free' | 'mine' | 'others';

const turnOf = (item: Queued | undefined, me: string | null): Turn => (!item || item.claim === null ? 'free' : item.claim.by === me ? 'mine' : 'others');

export type Review = {
  /** The one that is looked at; undefined while there is none, or when it does not wait any more. */
  item: Queued | undefined;
  at: number;
  turn: Turn;
  show: (id: string | null) => void;
  decide: (decision: Decision, reason?: string) => void;
  undo: () => void;
  claim: () => void;
  release: () => void;
};

const find = (items: readonly Queued[], wanted: string | undefined): Queued | undefined => items.find(({ id }) => id === wanted);
const nameOf = ({ originalFileName, id }: Queued): string => originalFileName ?? id;

/** The one that is looked at, and what is done with it. Begins with the first that nobody else has. */
export function useReview(queue: ReviewQueueOfHook, me: string | null, labels: ReviewLabels, say: (text: string) => void): Review {
  const { items } = queue;
  const [shownId, show] = useState<string | null>(null);
  /** What is being decided on here, and what comes then: without a moment of nothing between, in which the focus would be lost. */
  const [after, setAfter] = useState<{ id: string; next: string | undefined } | null>(null);
  const first = items.find((one) => turnOf(one, me) !== 'others') ?? items[0];
  // One that somebody else has just decided on is not followed by another in its place: the next key would be meant for the first.
  const item = shownId === null ? first : (find(items, shownId) ?? (after?.id === shownId ? (find(items, after.next) ?? first) : undefined));
  const firstId = first?.id;
  useEffect(() => {
    if (shownId === null && firstId !== undefined) show(firstId);
  }, [shownId, firstId]);
  const at = item ? items.indexOf(item) : -1;
  const turn = turnOf(item, me);

  const claim = async (): Promise<void> => {
    const taken = await queue.claim();
    if (taken) show(taken.id);
    if (taken !== undefined) say(taken ? labels.claimed(nameOf(taken)) : labels.nothingFree);
  };
  return {
    item,
    at,
    turn,
    show,
    decide(decision, reason) {
      if (!item || turn === 'others') return;
      const next = items[at + 1] ?? items[at - 1];
      setAfter({ id: item.id, next: next?.id });
      void queue.decide(item.id, decision, reason).then(async (done) => {
        setAfter(null);
        if (!done) return;
        show(next?.id ?? null);
        say(labels[decision](nameOf(item)));
        // A moderator who works with claims goes on with the next one.
        if (turn === 'mine') await claim();
      });
    },
    undo: () =>
      void queue.undo().then((done) => {
        const [back] = done?.items ?? [];
        if (!back) return;
        show(back.id);
        say(labels.takenBack(nameOf(back)));
      }),
    claim: () => void claim(),
    release() {
      if (item && turn === 'mine') void queue.release(item.id).then((done) => done && say(labels.released(nameOf(item))));
    },
  };
}
