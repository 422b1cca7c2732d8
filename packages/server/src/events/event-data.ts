import type { StoredEvent } from './stored-event.ts';

/** The one JSON object that streams and webhooks carry for an event. */
export function eventData(event: StoredEvent): Record<string, unknown> {
  return {
    ...(event.jobId === null ? {} : { jobId: event.jobId }),
    ...(event.mediaId === null ? {} : { mediaId: event.mediaId }),
    ...(event.entity === null ? {} : { entity: event.entity }),
    at: event.at.toISOString(),
    ...event.payload,
  };
}
