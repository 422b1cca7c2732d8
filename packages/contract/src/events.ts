import type { ErrorCode } from './errors.ts';

export type EventName = keyof EventPayloads;

type Started = { message?: string };
type Progress = {
  /** 0–1; null while it is unknown. */
  progress: number | null;
  message?: string;
};
type Failed = { error: { code: ErrorCode; message: string; retryable: boolean } };
/** `url` is null for media without a public URL, `path` for media without an object of their own. */
type Stored<Media> = { result: { url: string | null; path: string | null; media: Media } };
/** Without URLs: a reader of events may not be allowed to download. */
type OfGrant = { transaction: string; assetIds: string[] };
type OfDownload = { transaction: string; downloadId: string };
type OfMedia<Media> = { media: Media };

/** The data of each event besides `{jobId?, mediaId?, entity?, at}`. `Media` is the media record as the API returns it. */
export type EventPayloads<Media = Record<string, unknown>> = {
  upload_started: Started;
  upload_progress: Progress;
  upload_complete: Stored<Media>;
  upload_failed: Failed;
  processing_started: Started;
  processing_progress: Progress;
  /** The rest of the video is still being processed: `media` has only its poster. */
  poster_ready: OfMedia<Media>;
  processing_complete: Stored<Media>;
  processing_failed: Failed;
  generation_started: Started;
  generation_progress: Progress;
  /** `urls` contains null for each result that is not published yet, behind a closed gate. `failures` lists the results that failed. */
  generation_complete: {
    result: {
      media: Media[];
      urls: (string | null)[];
      requested: number;
      failures: { index: number; code: ErrorCode; message: string }[];
      /** By the configured prices; null if none is configured for the model. */
      cost: { amount: number; currency: string } | null;
    };
  };
  generation_failed: Failed;
  review_queued: { reason?: string };
  review_complete: { decision: 'approved' | 'rejected'; reason?: string };
  review_failed: Failed & { reason?: string };
  media_published: OfMedia<Media>;
  media_unpublished: OfMedia<Media>;
  /** `media` is shown from now on; `replaced` is the id of the record that was shown before. */
  media_replaced: OfMedia<Media> & { replaced: string; undoUntil: string };
  media_deleted: OfMedia<Media> & { undoUntil: string };
  media_restored: OfMedia<Media>;
  /** The record no longer exists, so the event has no other data. */
  media_purged: { media: { id: string; collection: string } };
  policy_changed: { collection: string; changed: string[] };
  grant_created: OfGrant;
  /** Also sent when a revocation is undone. */
  grant_updated: OfGrant;
  grant_revoked: OfGrant;
  /** Downloads came from this many networks within a day. The grant is not blocked. Sent at most once a day. */
  grant_shared: { transaction: string; networks: number };
  /** The document `mediaId` could not be stamped for a buyer; the buyer gets it without a stamp. */
  stamp_failed: { transaction: string; reason: 'encrypted' | 'damaged' | 'too_much'; message: string };
  /** A download of the event's `mediaId` was counted. */
  download_started: OfDownload;
  /** As many bytes were sent as the file has; if storage, a CDN or a web server sends the bytes, the request was handed over. */
  download_completed: OfDownload;
};

const told: Record<EventName, true> = {
  upload_started: true,
  upload_progress: true,
  upload_complete: true,
  upload_failed: true,
  processing_started: true,
  processing_progress: true,
  poster_ready: true,
  processing_complete: true,
  processing_failed: true,
  generation_started: true,
  generation_progress: true,
  generation_complete: true,
  generation_failed: true,
  review_queued: true,
  review_complete: true,
  review_failed: true,
  media_published: true,
  media_unpublished: true,
  media_replaced: true,
  media_deleted: true,
  media_restored: true,
  media_purged: true,
  policy_changed: true,
  grant_created: true,
  grant_updated: true,
  grant_revoked: true,
  grant_shared: true,
  stamp_failed: true,
  download_started: true,
  download_completed: true,
};
/** Every event there is, in streams and webhooks. */
export const eventNames = Object.keys(told) as readonly EventName[];

/** The one JSON object after `data:` in a stream, and the body of a webhook. */
export type EventData<Name extends EventName = EventName, Media = Record<string, unknown>> = {
  jobId?: string;
  mediaId?: string;
  entity?: { type: string; id: string };
  /** ISO 8601, UTC. */
  at: string;
} & EventPayloads<Media>[Name];

export function isEventName(value: unknown): value is EventName {
  return (eventNames as readonly unknown[]).includes(value);
}

/** The body of a message, as an endpoint gets it. */
export type WebhookEvent<Media = Record<string, unknown>> =
  | {
      [Name in EventName]: { type: Name; timestamp: string; data: EventData<Name, Media> };
    }[EventName]
  | { type: 'webhook_test'; timestamp: string; data: { at: string } };
