import type { Job } from '@safelight/contract/jobs';
import type { Media } from '@safelight/contract/media';

import { useClient, useSession } from '../session/session.ts';
import { useToast } from '../shell/toast.ts';
import { useAct } from '../shell/use-act.ts';

export type JobActions = { cancel: (() => void) | null; retry: (() => void) | null; asked: boolean };

/** What the signed-in person can do about a job; null is what they cannot. */
export function useJobActions(job: Job, media: Media | undefined, onChange: () => void): JobActions {
  const client = useClient();
  const toast = useToast();
  const { asked, act: askToCancel } = useAct(onChange);
  const { act } = useAct(onChange);
  const mayWrite = useSession().claims.may('media:write');
  const { id, type, state, assetId } = job;
  const again = againOf(job, media);

  const cancel = async (): Promise<boolean> => await askToCancel('The job could not be cancelled', async () => await client.jobs.cancel(id));
  const retry = async (): Promise<void> => {
    const ask = async (): Promise<unknown> => await (again === 'media' && assetId !== undefined ? client.media.retry(assetId) : client.jobs.retry(id));
    if (await act('It could not be tried again', ask)) toast({ text: 'It is tried again.' });
  };
  const isOpen = state === 'queued' || state === 'active' || state === 'retrying';
  return {
    // A purge is never cancelled; what was deleted is restored instead.
    cancel: mayWrite && isOpen && type !== 'purge' ? () => void cancel() : null,
    retry: mayWrite && again !== null ? () => void retry() : null,
    asked,
  };
}

/** How a failed job is tried again: what failed of a record by the record, a generation by itself. Null where that cannot help. */
function againOf({ state, type, error }: Job, media: Media | undefined): 'media' | 'job' | null {
  if (state !== 'failed') return null;
  if (type === 'generate.image' || type === 'generate.video') return error?.retryable === false ? null : 'job';
  return media?.failure?.retryable === true ? 'media' : null;
}
