'use client';
import { useEffect, useState } from 'react';

import type { ReviewLabels } from './review-labels.ts';
import type { Decision, Queued } from './review-snapshot.ts';
import type { ReviewQueueOfHook } from './use-review-queue.ts';

/** Who has claimed the item. `others`: another moderator has, and the server would refuse our decision. */
export type Turn = 'free' | 'mine' | 'others';

export const turnOf = (item: Queued | undefined, me: string | null): Turn => (!item || item.claim === null ? 'free' : item.claim.by === me ? 'mine' : 'others');

export type Review = {
  /** The current item; undefined if there is none, or if it no longer waits. */
  item: Queued | undefined;
  at: number;
  turn: Turn;
  show: (id: string | null) => void;
  decide: (decision: Decision, reason?: string) => void;
  undo: () => void;
  claim: () => void;
  release: () => void;
};

const nameOf = ({ originalFileName, id }: Queued): string => originalFileName ?? id;

/** The current item and its actions. Starts with the first item that nobody else has claimed. */
export function useReview(queue: ReviewQueueOfHook, me: string | null, labels: ReviewLabels, say: (text: string) => void): Review {
  const { items } = queue;
  const [shownId, show] = useState<string | null>(null);
  const first = items.find((one) => turnOf(one, me) !== 'others') ?? items[0];
  // If somebody else has just decided on the item, no other takes its place by itself: the next key press would be meant for the first.
  const item = shownId === null ? first : items.find(({ id }) => id === shownId);
  const firstId = first?.id;
  useEffect(() => {
    if (shownId === null && firstId !== undefined) show(firstId);
  }, [shownId, firstId]);
  const at = item ? items.indexOf(item) : -1;
  const turn = turnOf(item, me);

  /** What was said before is said with it: two messages in a row replace one another before they are heard. */
  const claim = async (before: string[] = []): Promise<void> => {
    const taken = await queue.claim();
    if (taken) show(taken.id);
    const words = taken === undefined ? before : [...before, taken ? labels.claimed(nameOf(taken)) : labels.nothingFree];
    if (words.length > 0) say(words.join(' '));
  };
  return {
    item,
    at,
    turn,
    show,
    decide(decision, reason) {
      if (!item || turn === 'others' || queue.getSnapshot().isBusy) return;
      const next = items[at + 1] ?? items[at - 1];
      const decided = queue.decide(item.id, decision, reason);
      show(next?.id ?? null);
      void decided.then((done) => {
        if (!done) return show(item.id);
        const words = labels[decision](nameOf(item));
        // A moderator who works with claims continues with the next claimed item.
        if (turn === 'mine') void claim([words]);
        else say(words);
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
