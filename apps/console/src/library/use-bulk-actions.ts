import type { Client } from '@safelight/client';
import type { Media } from '@safelight/contract/media';
import { useEffect, useRef, useState } from 'react';

import { useLive } from '../live/live.ts';
import { titleOf } from '../media/title-of.ts';
import { useClient } from '../session/session.ts';
import { useToast } from '../shell/toast.ts';
import { runBulk, type BulkFailure, type BulkProgress } from './run-bulk.ts';

/** What can be done with many, and its words: while it is done, and when it was. */
export const bulkWords = {
  delete: ['Deleting', 'deleted'],
  restore: ['Restoring', 'restored'],
  reprocess: ['Starting to make anew', 'being made anew'],
  approve: ['Approving', 'approved'],
} as const;
export type BulkAction = keyof typeof bulkWords;

export type BulkActions = {
  /** Null when nothing is under way. */
  running: ({ action: BulkAction } & BulkProgress<Media>) | null;
  /** Of the last one, until they are dismissed. */
  failed: { action: BulkAction; failures: readonly BulkFailure<Media>[] } | null;
  /** Resolves with those that it worked with. */
  run: (action: BulkAction, items: readonly Media[]) => Promise<readonly Media[]>;
  stop: () => void;
  dismiss: () => void;
};

const acts: Record<BulkAction, (client: Client, media: Media) => Promise<unknown>> = {
  delete: (client, { id }) => client.media.delete(id),
  restore: (client, { id }) => client.media.restore(id),
  reprocess: (client, { id }) => client.media.reprocess(id),
  approve: (client, { id }) => client.reviews.decide(id, { decision: 'approved' }),
};

export function useBulkActions(drop: (ids: readonly string[]) => void): BulkActions {
  const client = useClient();
  const { announce } = useLive();
  const toast = useToast();
  const [running, setRunning] = useState<BulkActions['running']>(null);
  const [failed, setFailed] = useState<BulkActions['failed']>(null);
  const own = useRef<AbortController | null>(null);
  useEffect(() => () => own.current?.abort(), []);

  const run = async (action: BulkAction, items: readonly Media[]): Promise<readonly Media[]> => {
    own.current?.abort();
    const stop = new AbortController();
    own.current = stop;
    setFailed(null);
    let undoUntil = Infinity;
    const act = async (media: Media): Promise<void> => {
      const answer = await acts[action](client, media);
      if (action === 'delete') undoUntil = Math.min(undoUntil, untilOf(answer));
    };
    const { done, failures } = await runBulk(items, act, { signal: stop.signal, onProgress: (progress) => setRunning({ action, ...progress }) });
    setRunning(null);
    if (action === 'delete' || action === 'restore') drop(done.map(({ id }) => id));
    for (const { id } of done) announce({ id, deleted: action === 'delete' });
    if (failures.length > 0) setFailed({ action, failures });
    if (done.length > 0) {
      const undo = action === 'delete' ? { undo: () => void run('restore', done), ...(undoUntil === Infinity ? {} : { until: undoUntil }) } : {};
      toast({ text: `${done.length === 1 && done[0] ? titleOf(done[0]) : done.length} ${bulkWords[action][1]}.`, ...undo });
    }
    return done;
  };
  return { running, failed, run, stop: () => own.current?.abort(), dismiss: () => setFailed(null) };
}

const untilOf = (answer: unknown): number =>
  typeof answer === 'object' && answer !== null && 'undoUntil' in answer ? Date.parse(String(answer.undoUntil)) : Infinity;
