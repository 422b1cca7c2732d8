'use client';
import { asProblem, SafelightProblem, type Client } from '@safelight/client';

import { merged, type QueueReader, type QueueState } from './read-review-queue.ts';
import type { Decided, Decision, QueueQuery, Queued } from './review-snapshot.ts';

/** A moderator's actions, one at a time. What leaves the queue leaves it at once, and comes back if it is refused; `refusal` of the snapshot then says why. */
export type ReviewActs = {
  /** Resolves with null if it was refused. */
  decide: (id: string, decision: Decision, reason?: string) => Promise<Decided | null>;
  /** Resolves with the decided records; the snapshot's `refusal` says why others were refused. */
  decideMany: (ids: readonly string[], decision: Decision, reason?: string) => Promise<Decided | null>;
  /** Undoes the last decision, or a named one; after a claim that is under way, such as the one that follows a decision. */
  undo: (decided?: Decided) => Promise<Decided | null>;
  /** Claims the next unclaimed item for a limited time. Null if there is none, undefined if refused. */
  claim: () => Promise<Queued | null | undefined>;
  release: (id: string) => Promise<boolean>;
  /** Retries failed reviews. */
  retry: (ids: readonly string[]) => Promise<boolean>;
};

export function actsOf(client: Client, query: QueueQuery, state: QueueState, reader: QueueReader): ReviewActs {
  const { change, getSnapshot } = state;
  const { attempt, bringBack } = attemptOf(state, reader);
  const made = decisionsOf(state);
  let claiming: Promise<unknown> = Promise.resolve();
  return {
    decide: async (id, decision, reason) =>
      (await attempt([id], async (items) => {
        await client.reviews.decide(id, { decision, ...(reason ? { reason } : {}) });
        return made.note({ items, decision });
      })) ?? null,
    decideMany: async (ids, decision, reason) =>
      (await attempt(ids, async (chosen) => {
        const results = await client.reviews.decideMany(ids.map((id) => ({ id, decision, ...(reason ? { reason } : {}) })));
        const refused = results.filter(({ status }) => status !== 200);
        const isRefused = (item: Queued): boolean => refused.some(({ id }) => id === item.id);
        bringBack(chosen.filter(isRefused));
        if (refused[0]) change({ refusal: problemOf(refused[0]) });
        return made.note({ items: chosen.filter((item) => !isRefused(item)), decision });
      })) ?? null,
    async undo(given) {
      await claiming;
      const undone = await attempt([], async () => {
        const decided = given ?? getSnapshot().last;
        if (!decided) return null;
        for (const { id } of decided.items) await client.reviews.undo(id);
        reader.claimed(decided.items.map(({ id }) => id));
        made.forget(decided);
        // A failed or rejected item that was decided on is now in another list.
        bringBack(decided.items.filter(({ review }) => review === 'queued'));
        return decided;
      });
      return undone ?? null;
    },
    async claim() {
      const own = attempt([], async () => {
        const [taken] = await client.reviews.claim({ limit: 1, ...(query.collection === undefined ? {} : { collection: query.collection }) });
        if (!taken) return null;
        change({ items: merged(getSnapshot().items, [taken]), me: taken.claim?.by ?? getSnapshot().me });
        return taken;
      });
      claiming = own;
      return await own;
    },
    release: async (id) =>
      (await attempt([], async () => {
        await client.reviews.release([id]);
        change({ items: getSnapshot().items.map((item) => (item.id === id ? { ...item, claim: null } : item)) });
        return true;
      })) ?? false,
    retry: async (ids) =>
      (await attempt(ids, async () => {
        for (const id of ids) await client.media.retry(id);
        return true;
      })) ?? false,
  };
}

/** One action at a time: two quick presses count as one. Nothing is read beside it, and the queue is read again after it. */
function attemptOf({ change, getSnapshot }: QueueState, { stop, soon }: QueueReader) {
  const takeOut = (ids: readonly string[]): readonly Queued[] => {
    const { items, total } = getSnapshot();
    const gone = items.filter(({ id }) => ids.includes(id));
    change({ items: items.filter(({ id }) => !ids.includes(id)), total: Math.max(0, total - gone.length) });
    return gone;
  };
  const bringBack = (given: readonly Queued[]): void => {
    const { items, total } = getSnapshot();
    change({ items: merged(items, given), total: total + given.length });
  };
  /** `leaving` are out of the queue before the answer. */
  const attempt = async <Result>(leaving: readonly string[], act: (gone: readonly Queued[]) => Promise<Result>): Promise<Result | undefined> => {
    if (getSnapshot().isBusy) return undefined;
    stop();
    change({ isBusy: true, refusal: null });
    const gone = takeOut(leaving);
    try {
      return await act(gone);
    } catch (error) {
      bringBack(gone);
      change({ refusal: asProblem(error) });
      return undefined;
    } finally {
      change({ isBusy: false });
      soon();
    }
  };
  return { attempt, bringBack };
}

/** The decisions of this page, to be taken back one after the other, the last one first. */
function decisionsOf({ change }: QueueState) {
  let made: readonly Decided[] = [];
  const keep = (now: readonly Decided[]): void => {
    made = now;
    change({ last: made.at(-1) ?? null });
  };
  return {
    note(decided: Decided): Decided {
      if (decided.items.length > 0) keep([...made, decided]);
      return decided;
    },
    forget: (decided: Decided): void => keep(made.filter((one) => one !== decided)),
  };
}

/** In a batch, the error of each item is in the body of its own result. */
function problemOf({ status, problem }: { status: number; problem?: Record<string, unknown> | undefined }): SafelightProblem {
  const detail = problem?.['detail'];
  return new SafelightProblem({ code: 'conflict', status, title: 'Refused', detail: typeof detail === 'string' ? detail : 'It was refused.' });
}
