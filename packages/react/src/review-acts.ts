'use client';
import { asProblem, SafelightProblem, type Client } from '@safelight/client';

import { merged, type QueueReader, type QueueState } from './read-review-queue.ts';
import type { Decided, Decision, QueueQuery, Queued } from './review-snapshot.ts';

/** A moderator's actions, one at a time. If one is refused because somebody else was faster, the snapshot says why. */
export type ReviewActs = {
  /** Resolves with null if it was refused. */
  decide: (id: string, decision: Decision, reason?: string) => Promise<Decided | null>;
  /** Resolves with the decided records; the snapshot's `error` says why others were refused. */
  decideMany: (ids: readonly string[], decision: Decision, reason?: string) => Promise<Decided | null>;
  /** Undoes the last decision, or a named one. */
  undo: (decided?: Decided) => Promise<Decided | null>;
  /** Claims the next unclaimed item for a limited time. Null if there is none, undefined if refused. */
  claim: () => Promise<Queued | null | undefined>;
  release: (id: string) => Promise<boolean>;
  /** Retries failed reviews. */
  retry: (ids: readonly string[]) => Promise<boolean>;
};

export function actsOf(client: Client, query: QueueQuery, state: QueueState, reader: QueueReader): ReviewActs {
  const { change, getSnapshot } = state;
  const attempt = attemptOf(state, reader);
  const changes = decisionsOf(state, reader);
  return {
    decide: async (id, decision, reason) =>
      (await attempt(async () => {
        await client.reviews.decide(id, { decision, ...(reason ? { reason } : {}) });
        return changes.note([id], decision);
      })) ?? null,
    decideMany: async (ids, decision, reason) =>
      (await attempt(async () => {
        const results = await client.reviews.decideMany(ids.map((id) => ({ id, decision, ...(reason ? { reason } : {}) })));
        const refused = results.find(({ status }) => status !== 200);
        const decided = changes.note(
          results.filter(({ status }) => status === 200).map(({ id }) => id),
          decision,
        );
        if (refused) change({ error: problemOf(refused) });
        return decided;
      })) ?? null,
    undo: async (given) =>
      (await attempt(async () => {
        const decided = given ?? getSnapshot().last;
        if (!decided) return null;
        for (const { id } of decided.items) await client.reviews.undo(id);
        reader.claimed(decided.items.map(({ id }) => id));
        changes.takeBack(decided);
        return decided;
      })) ?? null,
    claim: async () =>
      await attempt(async () => {
        const [taken] = await client.reviews.claim({ limit: 1, ...(query.collection === undefined ? {} : { collection: query.collection }) });
        if (!taken) return null;
        reader.stop();
        change({ items: merged(getSnapshot().items, [taken]), me: taken.claim?.by ?? getSnapshot().me });
        return taken;
      }),
    release: async (id) =>
      (await attempt(async () => {
        await client.reviews.release([id]);
        reader.stop();
        change({ items: getSnapshot().items.map((item) => (item.id === id ? { ...item, claim: null } : item)) });
        return true;
      })) ?? false,
    retry: async (ids) =>
      (await attempt(async () => {
        for (const id of ids) {
          await client.media.retry(id);
          changes.drop([id]);
        }
        return true;
      })) ?? false,
  };
}

/** One action at a time: two quick presses count as one. After a failure the error is shown and the queue is read again. */
function attemptOf({ change, getSnapshot }: QueueState, { soon }: QueueReader) {
  return async <Result>(act: () => Promise<Result>): Promise<Result | undefined> => {
    if (getSnapshot().isBusy) return undefined;
    change({ isBusy: true, error: null });
    try {
      return await act();
    } catch (error) {
      change({ error: asProblem(error) });
      return undefined;
    } finally {
      change({ isBusy: false });
      soon();
    }
  };
}

/** Applies a decision to the list at once, before the next read confirms it. */
function decisionsOf({ change, getSnapshot }: QueueState, { stop }: QueueReader) {
  const made: Decided[] = [];
  const drop = (ids: readonly string[]): readonly Queued[] => {
    const { items, total } = getSnapshot();
    const gone = items.filter(({ id }) => ids.includes(id));
    stop();
    change({ items: items.filter(({ id }) => !ids.includes(id)), total: Math.max(0, total - gone.length) });
    return gone;
  };
  return {
    drop,
    note(ids: readonly string[], decision: Decision): Decided {
      const decided = { items: drop(ids), decision };
      if (decided.items.length > 0) made.push(decided);
      change({ last: made.at(-1) ?? null });
      return decided;
    },
    takeBack(decided: Decided): void {
      if (made.includes(decided)) made.splice(made.indexOf(decided), 1);
      stop();
      const { items, total } = getSnapshot();
      // A failed or rejected item that was decided on is now in another list.
      const here = decided.items.filter(({ review }) => review === 'queued');
      change({ items: merged(items, here), total: total + here.length, last: made.at(-1) ?? null });
    },
  };
}

/** In a batch, the error of each item is in the body of its own result. */
function problemOf({ status, problem }: { status: number; problem?: Record<string, unknown> | undefined }): SafelightProblem {
  const detail = problem?.['detail'];
  return new SafelightProblem({ code: 'conflict', status, title: 'Refused', detail: typeof detail === 'string' ? detail : 'It was refused.' });
}
