import type { Media } from '@safelight/contract/media';
import { useMemo } from 'react';

import { useLive } from '../live/live.ts';
import { useClient } from '../session/session.ts';
import { useToast } from '../shell/toast.ts';
import { useAct } from '../shell/use-act.ts';
import { titleOf, type Titled } from './title-of.ts';

export type MediaActions = {
  /** Hides the record at once and offers to take it back. Resolves to whether it worked. */
  remove: (media: Media) => Promise<boolean>;
  /** Brings back what was deleted or replaced, while its undo window is open. Resolves to whether it worked. */
  restore: (media: Titled) => Promise<boolean>;
  /** Tries a failed processing or review again. Resolves to whether that was taken. */
  retry: (media: Media) => Promise<boolean>;
};

export function useMediaActions(): MediaActions {
  const client = useClient();
  const { announce } = useLive();
  const toast = useToast();
  const { act } = useAct();
  return useMemo(() => {
    const restore: MediaActions['restore'] = async (media) =>
      await act(`${titleOf(media)} could not be restored`, async () => {
        await client.media.restore(media.id);
        announce({ id: media.id, deleted: false });
        toast({ text: `${titleOf(media)} is back.` });
      });
    return {
      restore,
      remove: async (media) =>
        await act(`${titleOf(media)} could not be deleted`, async () => {
          const { undoUntil } = await client.media.delete(media.id);
          announce({ id: media.id, deleted: true });
          toast({ text: `${titleOf(media)} was deleted.`, undo: () => void restore(media), until: Date.parse(undoUntil) });
        }),
      retry: async (media) =>
        await act(`${titleOf(media)} could not be tried again`, async () => {
          await client.media.retry(media.id);
          announce({ id: media.id, deleted: false });
        }),
    };
  }, [client, announce, toast, act]);
}
