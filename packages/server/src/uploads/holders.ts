import type { Hearing } from '../lib/listen-for-notifications.ts';

/** The requests of this process that are appending to an upload right now. */
export type Holders = {
  /** Registers a holder. `askToLeave` is called when another request waits for the upload, in this process or another. */
  add(uploadId: string, askToLeave: () => void): () => void;
  ask(uploadId: string): void;
};

/** Waiting requests ask by notification, because the holder may be in another process. */
export function openHolders(hearing: Hearing): Holders & { close(): void } {
  const holders = new Map<string, Set<() => void>>();
  const ask = (uploadId: string): void => holders.get(uploadId)?.forEach((askToLeave) => askToLeave());
  const close = hearing.hear('uploads', { onNotifications: (ids) => ids.forEach(ask) });
  return {
    add(uploadId, askToLeave) {
      const here = holders.get(uploadId) ?? new Set();
      holders.set(uploadId, here.add(askToLeave));
      return () => {
        here.delete(askToLeave);
        if (here.size === 0) holders.delete(uploadId);
      };
    },
    ask,
    close,
  };
}
