import type { Media } from '@safelight/contract/media';
import { useMemo } from 'react';

import { useLive } from '../live/live.ts';
import { useClient } from '../session/session.ts';
import { useToast } from '../shell/toast.ts';

export type MediaActions = {
  /** Hides the record at once and offers to take it back. Resolves to whether it worked. */
  remove: (media: Media) => Promise<boolean>;
  /** Brings back what was deleted or replaced, while its undo window is open. Resolves to whether it worked. */
  restore: (media: Pick<Media, 'id' | 'originalFileName'>) => Promise<boolean>;
  /** Tries a failed processing or review again. */
  retry: (media: Media) => Promise<void>;
};

export function useMediaActions(): MediaActions {
  const client = useClient();
  const { announce } = useLive();
  const toast = useToast();
  return useMemo(() => {
    const restore = async ({ id, originalFileName }: Pick<Media, 'id' | 'originalFileName'>): Promise<boolean> => {
      try {
        await client.media.restore(id);
        announce({ id, deleted: false });
        toast({ text: `${originalFileName} is back.` });
        return true;
      } catch (problem) {
        toast({ text: `${originalFileName} could not be restored`, problem });
        return false;
      }
    };
    return {
      restore,
      async remove(media) {
        try {
          const { undoUntil } = await client.media.delete(media.id);
          announce({ id: media.id, deleted: true });
          toast({ text: `${media.originalFileName} was deleted.`, undo: () => void restore(media), until: Date.parse(undoUntil) });
          return true;
        } catch (problem) {
          toast({ text: `${media.originalFileName} could not be deleted`, problem });
          return false;
        }
      },
      async retry({ id, originalFileName }) {
        try {
          await client.media.retry(id);
          announce({ id, deleted: false });
        } catch (problem) {
          toast({ text: `${originalFileName} could not be tried again`, problem });
        }
      },
    };
  }, [client, announce, toast]);
}
