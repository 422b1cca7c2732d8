// Written from the schemas by "npm run docs"; change those instead. What a client is typed by, without the schemas behind it:
// an editor shows these names, and a compiler reads this file rather than a validation library.
import type { ErrorCode } from './errors.ts';
import type { EventName } from './events.ts';

export interface Accepted {
  jobId: string;
  media: Media;
}

/** The sound of a recording. */
export interface AudioFacts {
  codec: string;
  channels: number;
  sampleRate: number;
  bitrate: number;
  /** EBU R 128: LUFS, dBFS, LU. Null for silence, and if it was not measured. */
  loudness: {
    integrated: number;
    truePeak: number;
    range: number;
  } | null;
}

/** An irreversible action, and who took it. */
export interface AuditEntry {
  id: string;
  at: string;
  actorId: string;
  action: 'purge_now' | 'webhook_disabled';
  assetId: string | null;
  collection: string | null;
  detail: {
    ownerId: string;
    entity: Entity | null;
    fileName: string;
    mimeType: string;
    byteSize: number;
    /** The keys of its objects. */
    keys: string[];
  } | {
    webhookId: string;
    url: string;
    reason: string;
  };
}

export interface AuditList extends Paged {
  entries: AuditEntry[];
}

/** One result per file, in the order of the files. */
export interface BatchAnswer {
  results: ({
    status: number;
    media?: Media | undefined;
    jobId?: string | undefined;
    problem?: Record<string, unknown> | undefined;
  })[];
}

export interface BulkDecisions {
  items: ({
    decision: 'approved' | 'rejected';
    reason?: string | null | undefined;
    id: string;
  })[];
}

/** The captions of a video in one language. */
export interface Captions {
  language: string;
  label: string | null;
  /** WebVTT. */
  src: string;
}

export interface CaptionsText {
  /** A WebVTT or SubRip (SRT) file. */
  text: string;
  /** Its name in players; by default the language. */
  label?: string | undefined;
}

/** The event of a delivery. */
export type DeliveredEvent = EventName | 'webhook_test';

/** Where a file goes, and what it is there. */
export interface Destination {
  /** Where it goes, e.g. `listing.photos`; by default the configured one. */
  collection?: string | null | undefined;
  /** The entity, if the collection requires one. */
  entityType?: string | null | undefined;
  entityId?: string | null | undefined;
  /** By default the first purpose of the collection. */
  purpose?: string | null | undefined;
  /** A description of the picture for people who cannot see it. */
  altText?: string | null | undefined;
  /** By default after the last. */
  sortOrder?: number | null | undefined;
}

export interface Discrepancy {
  class: 'missing_object' | 'size_mismatch' | 'unknown_object' | 'stuck_writing' | 'stuck_deleting';
  provider: string;
  location: string;
  key: string;
  /** The id of the ledger row; null for an object that is not in the ledger, like the three below. */
  objectId: string | null;
  assetId: string | null;
  role: string | null;
  expectedBytes: number | null;
  /** Null if there is no object, or if its size does not matter. */
  actualBytes: number | null;
  /** For people: since when, after which error. */
  detail: string;
}

/** Streamed as it is found, so it may be long. With `Accept: text/csv` it is a table. */
export interface DiscrepancyReport {
  discrepancies: Discrepancy[];
  summary: {
    total: number;
    missing_object: number;
    size_mismatch: number;
    unknown_object: number;
    stuck_writing: number;
    stuck_deleting: number;
    /** Stores that hold objects and are not configured, so nothing in them was compared. Empty for a report on one store. */
    uncheckedStores: ({
      store: string;
      objects: number;
    })[];
  };
}

/** One download of one file: all requests of one client for it. */
export interface Download {
  id: string;
  mediaId: string;
  startedAt: string;
  lastAt: string;
  bytes: number;
  requests: number;
  state: 'open' | 'complete' | 'given_back';
  carrier: 'proxy' | 'redirect' | 'accelerated' | 'cdn';
}

/** What an asset belongs to in the application. Safelight does not own entities. */
export interface Entity {
  type: string;
  id: string;
}

export interface EntityMedia {
  media: Media[];
  /** Further media that only the owner sees: uploading, processing, failed, waiting for review, replacing. Empty for others. */
  tray: TrayMedia[];
  rules: MediaRules;
  profileImageURL: string | null;
  etag: string;
}

/** The whole collection in the wanted order; media that are not listed are removed. Fields that an item leaves out stay unchanged. */
export interface EntityMediaSync {
  items: ({
    id?: string | undefined;
    uploadId?: string | undefined;
    altText?: string | null | undefined;
    purpose?: string | undefined;
  })[];
}

/** What failed, in words and code, and whether a retry can help. */
export interface Failure {
  stage: string;
  code: string;
  message: string;
  retryable: boolean;
  attempts: number;
}

export interface GenerateImage extends Omit<GenerateVideo, 'durationSeconds' | 'audio' | 'inputs'> {
  n?: number | undefined;
  quality?: string | null | undefined;
  format?: 'png' | 'jpeg' | 'webp' | null | undefined;
  background?: 'transparent' | 'opaque' | 'auto' | null | undefined;
  inputs?: ({
    mediaId: string;
    role: 'image' | 'mask' | 'reference';
  })[] | undefined;
}

export interface GenerateVideo {
  prompt: string;
  /** By default the first available one. */
  provider?: GenerationProvider | null | undefined;
  /** One of `GET /v1/generate/models`; by default the first of the provider. */
  model?: string | null | undefined;
  size?: string | null | undefined;
  aspectRatio?: string | null | undefined;
  resolution?: string | null | undefined;
  seed?: number | null | undefined;
  /** The collection of the results, which must keep its sources. By default the configured one. */
  collection?: string | null | undefined;
  entityType?: string | null | undefined;
  entityId?: string | null | undefined;
  purpose?: string | null | undefined;
  altText?: string | null | undefined;
  /** Only for the provider `local`, outside production: a pause for each picture, and a failure for tests. */
  providerOptions?: {
    local?: {
      delayMs?: number | undefined;
      fail?: true | string | undefined;
      failIndex?: number | undefined;
    } | undefined;
  } | undefined;
  durationSeconds?: number | null | undefined;
  audio?: boolean | null | undefined;
  inputs?: ({
    mediaId: string;
    role: 'first_frame' | 'last_frame' | 'reference';
  })[] | undefined;
}

/** How it was generated, if it was generated here. */
export interface Generated {
  provider: string;
  model: string;
  jobId: string;
  index: number;
  seed: number | null;
  inputs?: ({
    mediaId: string;
    role: string;
  })[] | undefined;
  prompt?: string | undefined;
  createdAt: string;
}

/** By the configured prices; the provider’s bill may differ. */
export interface GenerationCost {
  amount: number;
  currency: string;
}

export interface GenerationModel {
  provider: GenerationProvider;
  model: string;
  kinds: ('image' | 'video')[];
  /** Null: any within the limits of the provider. */
  sizes: string[] | null;
  aspectRatios: string[];
  resolutions: string[];
  qualities: string[];
  durations: number[];
  maxN: number;
  seed: boolean;
  /** The possible roles of inputs. */
  inputs: string[];
  /** Whether the provider reports progress. */
  progress: boolean;
  /** Whether a request can be stopped after it was sent. */
  cancel: 'stops' | 'before_sending';
  available: boolean;
  /** Why it is not available. */
  reason: string | null;
  shutdownDate: string | null;
  /** Null without a configured price. */
  price: {
    perImage?: number | undefined;
    /** For one second of video. */
    perSecond?: number | undefined;
    perMillionInputTokens?: number | undefined;
    perMillionOutputTokens?: number | undefined;
    currency: string;
  } | null;
}

/** What the caller has generated today, and their allowance. A null limit means no limit; cost is null without configured prices. */
export interface GenerationUsage {
  images: {
    used: number;
    limit: number | null;
  };
  videoSeconds: {
    used: number;
    limit: number | null;
  };
  active: {
    used: number;
    limit: number | null;
  };
  resetsAt: string;
  cost: GenerationCost | null;
}

export interface Grant {
  transaction: string;
  buyerId: string | null;
  assetIds: string[];
  expiresAt: string | null;
  maxDownloads: number | null;
  stamp: string | null;
  revokedAt: string | null;
  createdAt: string;
  version: number;
  /** For the receipt: the page of the purchase. Everybody with this URL can download the files. */
  accessURL: string;
  /** All files as one archive; ranges are supported. */
  zipURL: string;
  files: GrantFile[];
}

/** The bought files, and the buyer. maxDownloads applies to each file separately; without it there is no limit. */
export interface GrantCreate {
  transaction: string;
  buyerId?: string | null | undefined;
  assetIds: string[];
  expiresAt?: string | null | undefined;
  maxDownloads?: number | null | undefined;
  stamp?: string | null | undefined;
}

export interface GrantFile {
  mediaId: string;
  /** The current version, which the buyer gets. */
  replacedBy: string | null;
  fileName: string;
  byteSize: number;
  mimeType: string;
  /** Lower-case hexadecimal. */
  sha256: string | null;
  url: string;
  downloads: number;
  maxDownloads: number | null;
  lastDownloadAt: string | null;
}

export interface GrantList extends Paged {
  grants: Grant[];
}

/** For a partial refund, name the files to remove: nothing else changes. null removes a limit. */
export interface GrantPatch {
  addAssetIds?: string[] | undefined;
  removeAssetIds?: string[] | undefined;
  expiresAt?: string | null | undefined;
  maxDownloads?: number | null | undefined;
  resetDownloads?: true | string[] | undefined;
}

/** The refused requests under a grant in the last 90 days, with their reasons, newest first; at most 200 rows. */
export interface GrantRefusals {
  refusals: ({
    /** Null for the page of the purchase and its ZIP. */
    mediaId: string | null;
    reason: 'no_proof' | 'wrong_proof' | 'revoked' | 'expired' | 'removed' | 'limit' | 'rate';
    client: 'browser' | 'program' | 'unknown';
    /** Distinguishes networks within one day; the addresses themselves are not stored. */
    network: number;
    count: number;
    firstAt: string;
    lastAt: string;
  })[];
}

/** A file that anybody on the internet can reach over http(s). */
export interface Import extends Destination {
  /** The photo of the same entity that it replaces once it may be shown. It also fits into a full collection. */
  replaces?: string | null | undefined;
  url: string;
  filename?: string | null | undefined;
}

/** A unit of asynchronous work. Its progress is only ever what really happened. */
export interface Job {
  id: string;
  type: JobType;
  state: JobState;
  progress: number | null;
  message: string | null;
  attempts: number;
  assetId?: string | undefined;
  result?: Record<string, unknown> | undefined;
  retryOf?: string | undefined;
  error?: JobError | undefined;
  /** Its attempts, the newest last, of which twenty are kept. Between them, and before the first, it waited. */
  tries: ({
    startedAt: string;
    endedAt: string | null;
    error: JobError | null;
  })[];
  finishedAt?: string | undefined;
  createdAt: string;
  updatedAt: string;
}

/** Why an attempt failed, and whether trying again can help. */
export interface JobError {
  code: ErrorCode;
  message: string;
  retryable: boolean;
}

export interface JobList extends Paged {
  jobs: Job[];
}

/** The logical media record, ready to render. */
export interface Media {
  id: string;
  collection: string;
  entity: Entity | null;
  /** Left out for readers without a token. */
  ownerId?: string | undefined;
  kind: MediaKind;
  purpose: string;
  status: MediaStatus;
  review: 'not_required' | 'queued' | 'approved' | 'rejected' | 'failed';
  /** May be shown: ready, not deleted, not waiting to replace another, past the review gate. */
  published: boolean;
  /** Left out for readers without a token. */
  originalFileName?: string | undefined;
  /** The object path of what was uploaded, which `DELETE /v1/media/{path}` takes; for its owner and managers, null for others. */
  path: string | null;
  mimeType: string;
  byteSize: number;
  width: number | null;
  height: number | null;
  durationMs: number | null;
  video: VideoFacts | null;
  audio: AudioFacts | null;
  /** For its owner and managers. */
  processing: ProcessingFacts | null;
  altText: string | null;
  focalPoint: {
    x: number;
    y: number;
  } | null;
  sortOrder: number;
  src: string | null;
  thumbnailSrc: string | null;
  blurDataURL: string | null;
  /** The colour that most of the picture has, as `#rrggbb`. */
  dominantColour: string | null;
  /** A placeholder of about 25 bytes as base64 (ThumbHash), where the collection makes one. */
  thumbHash: string | null;
  /** Of a ZIP or an EPUB that is kept: how many files are in it, and the names of the first thousand. */
  contents: {
    total: number;
    names: string[];
  } | null;
  storyboard: Storyboard | null;
  /** The playlist of a video in several sizes (HLS), where the collection makes them. */
  hlsSrc: string | null;
  captions: Captions[];
  variants: Record<string, Variant>;
  srcSet: string | null;
  replaces: string | null;
  failure: Failure | null;
  /** In the words of the moderator who approved or rejected it, for its owner; null for others. */
  reviewReason: string | null;
  /** The IPTC digital source type where it is made by a machine, or says so; its public files carry the same mark. */
  digitalSource: 'trainedAlgorithmicMedia' | 'compositeWithTrainedAlgorithmicMedia' | 'algorithmicMedia' | null;
  generated: Generated | null;
  createdAt: string;
  updatedAt: string;
  deletedAt: string | null;
  undoUntil: string | null;
  version: number;
}

/** Downloads by buyers, of this and earlier versions, by day (UTC), oldest first. Days without downloads are left out. */
export interface MediaDownloads {
  days: ({
    day: string;
    downloads: number;
    /** `<5` below five, to protect the buyers’ privacy. */
    buyers: number | '<5';
    bytes: number;
  })[];
}

export interface MediaList extends Paged {
  media: Media[];
}

export interface MediaPatch {
  altText?: string | null | undefined;
  purpose?: string | undefined;
  sortOrder?: number | undefined;
  focalPoint?: {
    x: number;
    y: number;
  } | null | undefined;
}

export interface MediaRules extends Omit<Policy, 'photoReviewProvider' | 'updatedAt' | 'updatedBy'> {
  entityType: string | null;
  kinds: MediaKind[];
  purposes: string[];
  ingest: 'inline' | 'queued';
  /** Accepted by the policy, but not decodable on this machine. */
  unavailableTypes: ({
    type: string;
    reason: string;
  })[];
  /** The byte limit for video and sound, if it is lower on this machine than for other files. */
  maxRecordingBytes: number | null;
  /** Whether this is the default collection. */
  isDefault: boolean;
}

export interface MultipartInitAnswer {
  uploadId: string;
  /** Every part but the last has exactly this many bytes. */
  partSize: number;
  parts: SignedPart[];
  objectPath: string;
  expiresAt: string;
}

/** The state of the site in figures that are at most some seconds old. */
export interface Overview {
  at: string;
  /** The stored media without deleted ones; objects and bytes as stored. */
  collections: ({
    collection: string;
    media: number;
    published: number;
    failed: number;
    objects: number;
    bytes: number;
  })[];
  /** The last 24 hours, oldest first, each with its beginning: what came and is not deleted, what was published (last) and may still be shown, what failed. */
  hours: ({
    hour: string;
    uploads: number;
    published: number;
    failed: number;
  })[];
  /** Unfinished jobs by lane; `oldestSeconds` is how long the oldest has waited. */
  lanes: ({
    lane: 'short' | 'long' | 'review' | 'upkeep';
    waiting: number;
    active: number;
    oldestSeconds: number | null;
  })[];
  /** Failed media by reason; the most frequent first. */
  failures: ({
    code: string;
    media: number;
  })[];
  /** By `provider:location`. */
  stores: ({
    store: string;
    objects: number;
    bytes: number;
    writing: number;
    deleting: number;
  })[];
  review: {
    queued: number;
    failed: number;
  };
  uploadsOpen: number;
  /** Over the last minute. */
  eventsPerSecond: number;
}

/** Replaced as a whole: PUT sends what GET answered, with some values changed. */
export interface Policy extends Omit<PolicyRules, 'maxFps' | 'maxVideoBitrate' | 'requireAudio'> {
  /** Average frames per second of a video. */
  maxFps: number;
  /** Average bits per second of the picture of a video. */
  maxVideoBitrate: number | null;
  /** Whether a video without sound is refused. */
  requireAudio: boolean;
  collection: string;
  version: number;
  updatedAt: string;
  updatedBy: string;
}

/** The whole policy. The answer of GET may be sent back unchanged: descriptive keys are ignored. */
export interface PolicyChange extends PolicyRules {
  collection?: string | undefined;
  version?: number | undefined;
  updatedAt?: string | undefined;
  updatedBy?: string | undefined;
  /** Only when the gate is closed: whether existing photos wait for a review (the default) or pass without one. */
  reviewExisting?: 'review' | 'grandfather' | undefined;
}

/** Newest first. */
export interface PolicyHistory extends Paged {
  changes: ({
    id: string;
    at: string;
    by: string;
    changed: string[];
    /** Null for the first values, which came from the configuration. */
    before: Record<string, unknown> | null;
    after: Record<string, unknown>;
    reviewExisting: 'review' | 'grandfather' | null;
  })[];
}

export interface PolicyRules {
  /** Files in one request. */
  batchSize: number;
  /** Bytes in one file. */
  maxBytes: number;
  /** Pixels, upright. */
  minWidth: number | null;
  /** Pixels, upright. */
  minHeight: number | null;
  /** Width divided by height, upright. */
  minAspectRatio: number | null;
  /** Width divided by height, upright. */
  maxAspectRatio: number | null;
  /** Millions of pixels, decoded. */
  maxMegapixels: number | null;
  /** Length of a recording. */
  maxDurationMs: number | null;
  /** Average frames per second of a video. */
  maxFps?: number | undefined;
  /** Average bits per second of the picture of a video. */
  maxVideoBitrate?: number | null | undefined;
  /** Whether a video without sound is refused. */
  requireAudio?: boolean | undefined;
  /** Assets that an entity may hold in this collection. */
  maxItems: number | null;
  /** Accepted media types, detected from the bytes; `image/*` and `*\/*` are wildcards. */
  acceptedTypes: string[];
  /** How long a deletion can be undone. */
  undoWindowSeconds: number;
  /** Whether a photo stays hidden until a review approves it. */
  photoReviewEnabled: boolean;
  /** The reviewer; with `disabled` every review fails, into the owner’s tray. */
  photoReviewProvider: 'disabled' | 'manual' | 'gemini' | 'openai' | 'webhook';
}

/** How the outputs of a recording were made. */
export interface ProcessingFacts {
  /** Whether the encoded picture was kept. `none`: there is no picture, or no stream was made. */
  mode: 'remux' | 'encode' | 'none';
  audio: 'copy' | 'encode' | 'none';
  /** Why the encoded picture could not be kept. */
  reencodeReasons: string[];
  engine: string;
  sandbox: string;
  cpuMs: number;
}

export interface QueuedMedia extends Media {
  claim: {
    by: string;
    until: string;
  } | null;
}

export interface Replacement {
  /** Of the upload that brought the new photo. */
  uploadId: string;
  /** A description of the picture for people who cannot see it. */
  altText?: string | null | undefined;
}

export interface ReviewAttempt {
  id: string;
  at: string;
  provider: string;
  model: string | null;
  outcome: 'approved' | 'rejected' | 'failed' | 'waiting';
  categories: string[];
  scores: Record<string, number>;
  reason: string | null;
  error: {
    code: string;
    message: string;
  } | null;
  latencyMs: number | null;
  costUnits: number | null;
  revision: string;
  decidedBy: string | null;
}

/** Claims the next unclaimed media for a while, so that nobody else decides on them. */
export interface ReviewClaim {
  collection?: string | undefined;
  limit?: number | undefined;
  seconds?: number | undefined;
}

/** The owner can read the reason. */
export interface ReviewDecision {
  decision: 'approved' | 'rejected';
  reason?: string | null | undefined;
}

/** Longest waiting first. */
export interface ReviewQueue extends Paged {
  media: QueuedMedia[];
  /** The number on all pages; counted up to 5,000, which also means more. */
  total: number;
  /** Reasons in `review.presets` of the configuration, one for each key. */
  presets: string[];
}

/** Releases claimed media; without ids, all of them. */
export interface ReviewRelease {
  ids?: string[] | undefined;
}

export interface SignParts {
  partNumbers: number[];
}

export interface SignedPart {
  partNumber: number;
  url: string;
  headers: Record<string, string>;
}

export interface SignedURL {
  url: string;
  expiresAt: string;
}

export interface SignedURLRequest {
  role?: 'source' | 'canonical' | 'preview' | 'stream' | 'poster' | 'thumbnail' | 'card' | 'detail' | 'detail_large' | null | undefined;
  disposition?: 'inline' | 'attachment' | null | undefined;
  /** By default an hour. */
  expiresInSeconds?: number | null | undefined;
  /** The URL acts for the buyer of this grant, and spends downloads like their own. */
  transaction?: string | null | undefined;
  /** The only network from which it opens: the caller’s, or a CIDR range. */
  address?: string | null | undefined;
}

/** Small pictures of a whole video, for finding a moment. */
export interface Storyboard {
  /** One JPEG of ten rows of ten small pictures. */
  src: string;
  /** WebVTT for players, with the time of each of them. */
  vttSrc: string;
  /** The duration that each of them represents. */
  intervalMs: number;
  /** How many of the hundred are filled. */
  count: number;
}

export interface TrayMedia extends Media {
  /** Set during the upload: there is no record to read or change before the bytes have arrived. */
  upload: Upload | null;
}

export interface Upload {
  id: string;
  protocol: 'direct' | 'presigned' | 'multipart' | 'tus' | 'import';
  state: 'open' | 'finalizing' | 'complete' | 'failed' | 'aborted' | 'expired';
  collection: string;
  entity: Entity | null;
  purpose: string;
  filename: string;
  contentType: string | null;
  byteSize: number | null;
  offset: number;
  assetId: string | null;
  jobId: string | null;
  replaces: string | null;
  failure: {
    code: string;
    message: string;
  } | null;
  createdAt: string;
  expiresAt: string;
}

export interface UploadComplete {
  uploadId?: string | null | undefined;
  objectPath?: string | null | undefined;
  parts?: ({
    partNumber: number;
    etag: string;
  })[] | null | undefined;
}

export interface UploadCompleteAnswer {
  jobId: string;
  media: Media;
  path: string;
  url: string | null;
}

export interface UploadInit extends Destination {
  /** The photo of the same entity that it replaces once it may be shown. It also fits into a full collection. */
  replaces?: string | null | undefined;
  filename: string;
  contentType?: string | null | undefined;
  byteSize?: number | null | undefined;
  sha256?: string | null | undefined;
  multipart?: boolean | null | undefined;
}

export interface UploadInitAnswer {
  uploadId: string;
  method: 'PUT';
  uploadURL: string;
  headers: Record<string, string>;
  objectPath: string;
  expiresAt: string;
}

/** Several at once: the answer is 207, with one result for each in this order. */
export interface UploadInitBatch {
  uploads: unknown[];
}

/** One result for each, in their order; `upload` is the answer for a single one. */
export interface UploadInitBatchAnswer {
  results: ({
    status: number;
    upload?: UploadInitAnswer | MultipartInitAnswer | undefined;
    problem?: Record<string, unknown> | undefined;
  })[];
}

export interface UploadList extends Paged {
  uploads: Upload[];
}

export interface UploadPart {
  partNumber: number;
  etag: string;
  byteSize: number;
}

/** One immutable artifact. Its URL is opaque and its bytes never change. */
export interface Variant {
  src: string;
  width: number | null;
  height: number | null;
  mimeType: string;
  byteSize: number;
}

/** The picture of a recording, measured from its packets. */
export interface VideoFacts {
  codec: string;
  profile: string | null;
  /** Pixels, upright. */
  width: number;
  height: number;
  /** Average frames per second. */
  fps: number;
  /** Whether the frame rate varies. */
  vfr: boolean;
  /** Clockwise in degrees, according to the header; outputs are upright. */
  rotation: number;
  hdr: 'none' | 'hlg' | 'pq' | 'dv';
  bitrate: number;
}

/** An endpoint of the application that receives events. */
export interface Webhook {
  id: string;
  url: string;
  description: string;
  events: (EventName | '*')[];
  collections?: string[] | undefined;
  state: 'enabled' | 'disabled';
  disabledReason: string | null;
  /** The time since which every attempt has failed. */
  failingSince: string | null;
  /** Set by SAFELIGHT_WEBHOOK_URL; it cannot be changed here. */
  fromEnvironment: boolean;
  /** Its deliveries of the last 30 days. */
  counts: {
    pending: number;
    delivered: number;
    dead: number;
  };
  createdAt: string;
}

/** All events but progress, or an event by its name. */
export type WebhookChoice = EventName | '*';

/** One event for one endpoint. */
export interface WebhookDelivery {
  id: string;
  /** The `webhook-id` header of every attempt. */
  webhookId: string;
  event: DeliveredEvent;
  mediaId: string | null;
  state: 'pending' | 'delivered' | 'dead';
  attemptCount: number;
  nextAt: string | null;
  createdAt: string;
  endedAt: string | null;
}

export interface WebhookDeliveryList extends Paged {
  deliveries: WebhookDelivery[];
}

export interface WebhookList extends Paged {
  webhooks: Webhook[];
}

export interface WebhookWithSecret extends Webhook {
  secret: string;
}

export interface WholeWebhookDelivery extends WebhookDelivery {
  body: {
    type: string;
    timestamp: string;
    data: Record<string, unknown>;
  };
  attempts: ({
    at: string;
    /** Null when there was no answer. */
    status: number | null;
    ms: number;
    /** The first kilobyte of the answer, or why there was none. */
    answer: string;
  })[];
}

export interface ListUploadsQuery extends Page {
  state?: 'open' | 'finalizing' | 'complete' | 'failed' | 'aborted' | 'expired' | undefined;
}

export interface ListMediaQuery extends Page {
  /** Words of the file name, the alternative text, the owner or the entity, each of them whole or its beginning; or an id, whole or at least its first eight digits. */
  q?: string | undefined;
  /** Object path prefix; it ends at a separator: `media/42` never matches `media/421`. One that does not begin with a key prefix is relative to the caller’s own folder: `images`. */
  prefix?: string | undefined;
  collection?: string | undefined;
  /** `type/id`, for example `listing/9f3`. */
  entity?: string | undefined;
  kind?: MediaKind | undefined;
  purpose?: string | undefined;
  status?: MediaStatus | undefined;
  /** Only what may be shown: ready, past the review gate, and not waiting to replace another. */
  published?: 'true' | undefined;
  /** Only what has failed by this code, as the overview counts it. */
  failure?: ErrorCode | undefined;
  /** Only what was created at this time or later. */
  createdAfter?: string | undefined;
  /** Only what was created before this time. */
  createdBefore?: string | undefined;
  /** Only what was published at this time or later, and may still be shown. Times before the last seven days are not known. */
  publishedAfter?: string | undefined;
  /** Without one, the newest first. A cursor goes on in the order that it was answered in. */
  sort?: 'newest' | 'oldest' | 'name' | 'largest' | undefined;
  /** Instead of what is there, what was deleted and can still be restored. */
  deleted?: 'true' | undefined;
}

export interface DeleteMediaQuery {
  purge?: 'now' | undefined;
  /** Managers only: also purges files at once that buyers have a right to. Buyers then get 410. */
  force?: 'true' | undefined;
}

export interface DecideReviewQuery {
  revision?: string | undefined;
  signature?: string | undefined;
}

export interface ListReviewQueueQuery extends Page {
  collection?: string | undefined;
  /** Waiting media; or those whose review failed, or rejected ones. */
  review?: 'queued' | 'failed' | 'rejected' | undefined;
}

export interface ListJobsQuery extends Page {
  state?: JobState | undefined;
  type?: JobType | undefined;
  /** Of one asset. */
  mediaId?: string | undefined;
  /** The same, by the name that jobs have it under. */
  assetId?: string | undefined;
}

export interface ReportDiscrepanciesBody {
  /** One store, like s3:uploads; all configured ones by default. */
  store?: string | undefined;
  /** Only objects below this path, like media/ada. */
  prefix?: string | undefined;
}

export interface ListAuditQuery extends Page {
  action?: 'purge_now' | 'webhook_disabled' | undefined;
  /** Only of this asset. */
  mediaId?: string | undefined;
  /** The same, under the field name of the entries. */
  assetId?: string | undefined;
  actorId?: string | undefined;
}

export interface ListGrantsQuery extends Page {
  buyerId?: string | undefined;
  mediaId?: string | undefined;
  /** A buyer, or the beginning of the transaction’s number. */
  search?: string | undefined;
}

export interface ReadMediaDownloadsQuery {
  from?: string | undefined;
  to?: string | undefined;
}

export interface FollowEventsQuery {
  jobId?: string | undefined;
  mediaId?: string | undefined;
  entity?: string | undefined;
}

export interface CreateWebhookBody {
  url: string;
  description?: string | undefined;
  events?: WebhookChoice[] | undefined;
  collections?: string[] | null | undefined;
}

export interface PatchWebhookBody {
  url?: string | undefined;
  description?: string | undefined;
  events?: WebhookChoice[] | undefined;
  collections?: string[] | null | undefined;
  state?: 'enabled' | 'disabled' | undefined;
}

export interface ReplayWebhookBody {
  since: string;
  until?: string | undefined;
  only?: 'failed' | 'all' | undefined;
}

export interface ListDeliveriesQuery extends Page {
  state?: 'pending' | 'delivered' | 'dead' | undefined;
  event?: DeliveredEvent | undefined;
}

export type JobState = 'queued' | 'active' | 'retrying' | 'complete' | 'failed' | 'cancelled';
export type JobType = 'finalize' | 'process' | 'review' | 'import' | 'mirror' | 'generate.image' | 'generate.video' | 'purge' | 'reconcile' | 'migrate';
export type MediaKind = 'image' | 'video' | 'audio' | 'file';
export type MediaStatus = 'pending' | 'processing' | 'ready' | 'failed';
export type GenerationProvider = 'openai' | 'gemini' | 'compatible' | 'local';

export interface Page {
  limit?: number | undefined;
  cursor?: string | undefined;
}

export interface Paged {
  nextCursor: string | null;
}

type By<Names extends string> = { params: Record<Names, string> };
type Asks<Query> = { query: Query };
type Sends<Body> = { body: Body };
type Answers<Answer> = { answer: Answer };
type Gives<Name extends string, Answer> = Answers<Record<Name, Answer>>;

/** What every operation takes and answers, by its id. */
export interface Operations {
  // Upload one or more files in one request.
  uploadDirect: Sends<FormData> & Answers<Record<'media', Media> | Accepted | BatchAnswer>;
  // Open an upload whose bytes go straight to storage, or many at once.
  openUpload: Sends<UploadInit | UploadInitBatch> & Answers<UploadInitAnswer | MultipartInitAnswer | UploadInitBatchAnswer>;
  // Complete an upload whose bytes have arrived; repeating it returns the same answer.
  completeUpload: Sends<UploadComplete> & Answers<UploadCompleteAnswer>;
  // Import a file from a URL.
  importMedia: Sends<Import> & Answers<Record<'jobId' | 'uploadId', string>>;
  // List the parts that have arrived, to continue after a reload.
  listUploadParts: By<'uploadId'> & Answers<{
    parts: UploadPart[];
    partSize: number;
  }>;
  // Sign URLs for more parts, or for the same ones again.
  signUploadParts: By<'uploadId'> & Sends<SignParts> & Gives<'parts', SignedPart[]>;
  // Abort an open upload and remove its bytes.
  abortUpload: By<'uploadId'> & Gives<'upload', Upload>;
  // List uploads, newest first, with their progress and expiry.
  listUploads: Asks<ListUploadsQuery> & Answers<UploadList>;
  // Read one upload, and why it failed if it did.
  readUpload: By<'uploadId'> & Gives<'upload', Upload>;
  // Abort an open upload.
  endUpload: By<'uploadId'> & Gives<'upload', Upload>;
  // List media, newest first.
  listMedia: Asks<ListMediaQuery> & Answers<MediaList>;
  // Read one record.
  readMedia: By<'id'> & Gives<'media', Media>;
  // Change alt text, purpose, order or focal point.
  patchMedia: By<'id'> & Sends<MediaPatch> & Gives<'media', Media>;
  // Set the captions of a video in one language, replacing existing ones.
  putCaptions: By<'id' | 'language'> & Sends<CaptionsText> & Gives<'media', Media>;
  // Remove the captions of a video in one language.
  deleteCaptions: By<'id' | 'language'> & Gives<'media', Media>;
  // Delete a record: hidden at once, restorable until undoUntil, then purged exactly.
  deleteMedia: By<'id'> & Asks<DeleteMediaQuery> & Answers<{
    media: Media;
    undoUntil: string;
  }>;
  // Delete a record by the object path that its upload answered.
  deleteMediaByPath: By<'*'> & Asks<DeleteMediaQuery> & Answers<{
    media: Media;
    undoUntil: string;
  }>;
  // Sign a URL that opens one file for everybody who has it, for a limited time.
  signMediaURL: By<'id'> & Sends<SignedURLRequest> & Answers<SignedURL>;
  // Undo a deletion.
  restoreMedia: By<'id'> & Gives<'media', Media>;
  // Try a failed processing or review again.
  retryMedia: By<'id'> & Answers<Accepted>;
  // Remake the outputs of a ready picture, video, sound or document under the current rules; it stays visible in the meantime.
  reprocessMedia: By<'id'> & Answers<Accepted>;
  // Read the published media of an entity in order; its owner also gets the tray.
  readEntityMedia: By<'type' | 'id'> & Asks<{
  collection?: string | undefined;
}> & Answers<EntityMedia>;
  // Save an edit form: order, alt text, purposes, additions and removals, all of it or nothing.
  syncEntityMedia: By<'type' | 'id'> & Asks<{
  collection?: string | undefined;
}> & Sends<EntityMediaSync> & Answers<EntityMedia>;
  // Replace a photo: the live one stays until the new one is ready and past the gate.
  replaceMedia: By<'id'> & Sends<FormData | Replacement> & Answers<Accepted>;
  // Read the live upload rules of one collection, or of all.
  readMediaRules: Asks<{
  collection?: string | undefined;
}> & Gives<'rules', MediaRules | MediaRules[]>;
  // Read the site policy of a collection.
  readPolicy: By<'collection'> & Gives<'policy', Policy>;
  // Replace the policy of a collection, from the next request on every server.
  changePolicy: By<'collection'> & Asks<{
  reviewExisting?: 'review' | 'grandfather' | undefined;
}> & Sends<PolicyChange> & Gives<'policy', Policy>;
  // List the changes of a policy, newest first.
  readPolicyHistory: By<'collection'> & Asks<Page> & Answers<PolicyHistory>;
  // Approve or reject a record; a rejection hides it at once.
  decideReview: By<'id'> & Asks<DecideReviewQuery> & Sends<ReviewDecision> & Gives<'media', Media>;
  // Take a decision back: the record waits again, hidden, claimed by the moderator who took it back.
  undoReview: By<'id'> & Gives<'media', Media>;
  // Decide on many records at once; one refusal does not affect the others.
  decideReviews: Sends<BulkDecisions> & Answers<{
    results: ({
      id: string;
      status: number;
      media?: Media | undefined;
      problem?: Record<string, unknown> | undefined;
    })[];
  }>;
  // List the media that wait for a decision, longest waiting first.
  listReviewQueue: Asks<ListReviewQueueQuery> & Answers<ReviewQueue>;
  // Claim the next media of the queue for a while: nobody else decides on them meanwhile.
  claimReviews: Sends<ReviewClaim> & Gives<'media', QueuedMedia[]>;
  // Release claimed media.
  releaseReviews: Sends<ReviewRelease> & Gives<'released', number>;
  // List the review attempts of a record, newest first.
  listReviewAttempts: By<'id'> & Gives<'attempts', ReviewAttempt[]>;
  // List jobs, newest first.
  listJobs: Asks<ListJobsQuery> & Answers<JobList>;
  // Read one job.
  readJob: By<'id'> & Gives<'job', Job>;
  // Cancel a job; repeating it does no harm.
  cancelJob: By<'id'> & Gives<'job', Job>;
  // Try a failed generation again, as a new job; mayCostAgain says whether the failed one may have been paid for.
  retryJob: By<'id'> & Answers<{
    jobId: string;
    job: Job;
    mayCostAgain: boolean;
  }>;
  // Generate pictures from a prompt; they are stored like uploads before the job is complete.
  generateImage: Sends<GenerateImage> & Gives<'jobId', string>;
  // Generate a video from a prompt.
  generateVideo: Sends<GenerateVideo> & Gives<'jobId', string>;
  // List the models that generate media here, by provider.
  listGenerationModels: Gives<'models', GenerationModel[]>;
  // Read what the caller has generated today, and their allowance.
  readGenerationUsage: Answers<GenerationUsage>;
  // Compare the records with the objects in storage, in both directions; read-only.
  reportDiscrepancies: Sends<ReportDiscrepanciesBody> & Answers<DiscrepancyReport>;
  // Read the figures of the site: stored media, arrivals of the last day, waiting jobs and failures.
  readOverview: Gives<'overview', Overview>;
  // List removals without an undo window, and who made them; newest first.
  listAudit: Asks<ListAuditQuery> & Answers<AuditList>;
  // Grant files to a buyer; repeating the request returns the same grant.
  createGrant: Sends<GrantCreate> & Gives<'grant', Grant>;
  // List grants, newest first.
  listGrants: Asks<ListGrantsQuery> & Answers<GrantList>;
  // Read one grant.
  readGrant: By<'transaction'> & Gives<'grant', Grant>;
  // Change a grant: add or remove files, change its expiry, change or reset its limit.
  changeGrant: By<'transaction'> & Sends<GrantPatch> & Gives<'grant', Grant>;
  // Revoke a grant, from the next request on; repeating it does no harm.
  revokeGrant: By<'transaction'> & Gives<'grant', Grant>;
  // Undo a revocation.
  restoreGrant: By<'transaction'> & Gives<'grant', Grant>;
  // Create new URLs for a grant; the old ones stop working at once.
  renewGrantToken: By<'transaction'> & Gives<'grant', Grant>;
  // List the downloads of a grant, newest first.
  listGrantDownloads: By<'transaction'> & Asks<Page> & Answers<{
    downloads: Download[];
    nextCursor: string | null;
  }>;
  // List the requests that were refused under a grant, and why.
  listGrantRefusals: By<'transaction'> & Answers<GrantRefusals>;
  // Read how often buyers downloaded a file, by day; for its owner.
  readMediaDownloads: By<'id'> & Asks<ReadMediaDownloadsQuery> & Answers<MediaDownloads>;
  // Follow events as they happen (SSE), replayable with Last-Event-ID.
  followEvents: Asks<FollowEventsQuery> & Answers<null>;
  // Add an endpoint that receives events; its secret is only in this answer.
  createWebhook: Sends<CreateWebhookBody> & Gives<'webhook', WebhookWithSecret>;
  // List the endpoints.
  listWebhooks: Answers<WebhookList>;
  // Read one endpoint.
  readWebhook: By<'id'> & Gives<'webhook', Webhook>;
  // Change an endpoint, disable or enable it.
  patchWebhook: By<'id'> & Sends<PatchWebhookBody> & Gives<'webhook', Webhook>;
  // Remove an endpoint and its deliveries.
  deleteWebhook: By<'id'> & Gives<'webhook', Webhook>;
  // Give an endpoint a new secret; for a while messages are signed with both.
  rotateWebhook: By<'id'> & Sends<{
  /** How long messages are signed with both secrets. */
  overlapSeconds?: number | undefined;
}> & Gives<'webhook', WebhookWithSecret>;
  // Send a test message (webhook_test) to an endpoint.
  testWebhook: By<'id'> & Gives<'delivery', WebhookDelivery>;
  // Deliver the events of a period again: failed ones, or all.
  replayWebhook: By<'id'> & Sends<ReplayWebhookBody> & Gives<'count', number>;
  // List the deliveries of an endpoint in the last 30 days, newest first.
  listDeliveries: By<'id'> & Asks<ListDeliveriesQuery> & Answers<WebhookDeliveryList>;
  // Read one delivery: the message, and the answer to each attempt.
  readDelivery: By<'id' | 'deliveryId'> & Gives<'delivery', WholeWebhookDelivery>;
  // Send a delivery once more, under the same webhook-id.
  redeliver: By<'id' | 'deliveryId'> & Gives<'delivery', WebhookDelivery>;
}
