import type { QueuedMedia } from '@safelight/contract/reviews';
import { turnOf, useReviewQueue, type ReviewQueueOfHook } from '@safelight/react/review';
import { useState } from 'react';

import { useSession } from '../session/session.ts';
import { useReviewActions, type ReviewActions } from './use-review-actions.ts';
import { useReviewKeys } from './use-review-keys.ts';
import type { ReviewPlace } from './use-review-place.ts';
import { useShortcuts } from './use-shortcuts.ts';
import { useShown, type Shown } from './use-shown.ts';

export type Review = {
  place: ReviewPlace;
  queue: ReviewQueueOfHook;
  actions: ReviewActions;
  shown: Shown;
  keys: [on: boolean, change: (on: boolean) => void];
  /** What a reason is being asked for. */
  rejecting: 'shown' | 'selected' | null;
  setRejecting: (what: 'shown' | 'selected' | null) => void;
  mayReject: boolean;
  mayRetry: boolean;
};

/** The queue, what is looked at in it, what can be done, and the keys that do it. */
export function useReview(place: ReviewPlace): Review {
  const queue = useReviewQueue({ review: place.view, collection: place.collection === '' ? undefined : place.collection });
  const looking = useState<string | null>(null);
  const [rejecting, setRejecting] = useState<Review['rejecting']>(null);
  const keys = useShortcuts();
  const { claims } = useSession();
  const actions = useReviewActions(queue, looking[1]);
  const { me } = actions;
  const busy = queue.isBusy;
  const shown = useShown(queue.items, me, looking);
  const { item, at, selected } = shown;
  const open = item !== undefined && !busy && turnOf(item, me) !== 'others' ? item : undefined;
  const mayReject = place.view !== 'rejected';

  const rejectWith = (reason: string | undefined, media: QueuedMedia): void => {
    if (reason !== undefined) void actions.decide(media, 'rejected', reason);
  };

  useReviewKeys(keys[0], {
    ...(open && { approve: () => void actions.decide(open, 'approved'), select: () => shown.select(open.id, !shown.isSelected(open.id)) }),
    ...(open && mayReject && { reject: () => setRejecting('shown'), preset: (index: number) => rejectWith(queue.presets[index], open) }),
    ...(place.view === 'queued' && !busy && { claim: () => void actions.claimNext() }),
    ...(actions.undo && { undo: actions.undo }),
    previous: () => shown.showAt(at - 1),
    next: () => shown.showAt(at + 1),
    leave: () => {
      if (selected.length > 0) shown.clear();
      else if (item !== undefined && turnOf(item, me) === 'mine') void actions.release(item);
    },
  });
  return { place, queue, actions, shown, keys, rejecting, setRejecting, mayReject, mayRetry: place.view === 'failed' && claims.may('media:write') };
}
