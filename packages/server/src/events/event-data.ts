import type { StoredEvent } from './stored-event.ts';

/** The JSON object for an event in streams and webhooks. */
export function eventData(event: StoredEvent): Record<string, unknown> {
  return {
    ...(event.jobId === null ? {} : { jobId: event.jobId }),
    ...(event.mediaId === null ? {} : { mediaId: event.mediaId }),
    ...(event.entity === null ? {} : { entity: event.entity }),
    at: event.at.toISOString(),
    ...event.payload,
  };
}
