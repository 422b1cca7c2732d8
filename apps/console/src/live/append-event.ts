import type { SafelightEvent } from '@safelight/client';

import type { LoggedEvent } from './live.ts';

const kept = 400;

/** Adds an event to the log. Progress takes the place of the progress before it of the same job: what counts is how far it is now. */
export function appendEvent(log: readonly LoggedEvent[], event: SafelightEvent): LoggedEvent[] {
  const last = log.findLastIndex((entry) => entry.event.data.mediaId === event.data.mediaId && entry.event.data.jobId === event.data.jobId);
  const before = log[last];
  if (before && event.event.endsWith('_progress') && before.event.event === event.event) {
    return log.with(last, { key: before.key, event });
  }
  return [...log.slice(1 - kept), { key: (log.at(-1)?.key ?? 0) + 1, event }];
}
