import type { UploadSnapshot, UploadTask } from '@safelight/client';
import { useCallback, useSyncExternalStore } from 'react';

export function useUploadSnapshot(task: UploadTask | null): UploadSnapshot | null {
  const subscribe = useCallback((listener: () => void) => task?.subscribe(listener) ?? (() => undefined), [task]);
  return useSyncExternalStore(subscribe, () => task?.getSnapshot() ?? null);
}
