/** Waits, and rejects with the signal's reason the moment it is aborted. */
function pause(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason as Error);
      return;
    }
    const onAbort = (): void => {
      clearTimeout(timer);
      reject(signal?.reason as Error);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}

/** Like `pause`, but ends early when the browser's network is back. Other platforms have no such event. */
export async function pauseOrOnline(ms: number, signal?: AbortSignal): Promise<void> {
  const early = new AbortController();
  const end = (): void => early.abort();
  const page = typeof window === 'undefined' ? undefined : window;
  page?.addEventListener?.('online', end);
  signal?.addEventListener('abort', end);
  if (!signal?.aborted) await pause(ms, early.signal).catch(() => undefined);
  page?.removeEventListener?.('online', end);
  signal?.removeEventListener('abort', end);
  signal?.throwIfAborted();
}
