import type { ColumnType } from '#kysely';
import type { DigitalSource, Generated } from '@safelight/contract/generation';
import type { AudioFacts, ProcessingFacts, VideoFacts } from '@safelight/contract/recordings';
import type { Defaulted, Json, Optional, OptionalJson } from './schema-columns.ts';
import type { GenerationOutputTable, GenerationTable } from './schema-generation.ts';
import type { DownloadTable, GrantAssetTable, GrantRefusalTable, GrantStampTable, GrantTable } from './schema-grants.ts';
import type { AuditTable, PolicyChangeTable, PolicyTable, ReviewAttemptTable } from './schema-review.ts';
import type { WebhookDeliveryTable, WebhookEndpointTable } from './schema-webhooks.ts';

/** The rows of `migrations/*.sql`, as the driver returns them: bigint as number (sizes stay below 2^53), timestamps as Date. */
export interface Database {
  asset: AssetTable;
  /** Assets that may be shown, even while they wait to replace another. */
  presentable_asset: Pick<AssetTable, 'id' | 'collection'>;
  published_asset: Pick<AssetTable, 'id' | 'collection'>;
  object: ObjectTable;
  upload_session: UploadSessionTable;
  upload_part: { upload_id: string; part_number: number; bytes: number; etag: string };
  job: JobTable;
  event: EventTable;
  event_shard: { shard: number; last: number };
  backup_hold: { id: string; lease_until: Date };
  stripe: { room: string; number: number };
  policy: PolicyTable;
  policy_change: PolicyChangeTable;
  api_key: ApiKeyTable;
  idempotency_key: IdempotencyKeyTable;
  idempotency_made: { owner_id: string; key: string; id: string; what: string; answer: string };
  review_attempt: ReviewAttemptTable;
  audit: AuditTable;
  webhook_endpoint: WebhookEndpointTable;
  webhook_delivery: WebhookDeliveryTable;
  webhook_attempt: { delivery_id: string; number: number; at: Date; status: number | null; ms: number; answer: string };
  generation: GenerationTable;
  generation_output: GenerationOutputTable;
  grant_: GrantTable;
  grant_asset: GrantAssetTable;
  grant_stamp: GrantStampTable;
  grant_refusal: GrantRefusalTable;
  download: DownloadTable;
  address_salt: { day: string; salt: string };
}

/** Of an archive: the number of its files, and the first of their names. */
type Contents = { total: number; names: string[] };

export type Failure = { stage: string; code: string; message: string; retryable: boolean; attempts: number };
/** `of` identifies the source and the rules of the stages; each stage defines its own note. */
export type DoneStages = { of: string; done: Record<string, { roles: string[]; note: unknown }> };
export type ObjectState = 'writing' | 'stored' | 'deleting';
export type Kind = 'image' | 'video' | 'audio' | 'file';
export type AssetStatus = 'pending' | 'processing' | 'ready' | 'failed';
export type ReviewStatus = 'not_required' | 'queued' | 'approved' | 'rejected' | 'failed';
export type UploadProtocol = 'direct' | 'presigned' | 'multipart' | 'tus' | 'import';
export type UploadState = 'open' | 'finalizing' | 'complete' | 'failed' | 'aborted' | 'expired';
export type JobState = 'queued' | 'active' | 'retrying' | 'complete' | 'failed' | 'cancelled';

export interface AssetTable {
  id: string;
  collection: string;
  entity_type: string | null;
  entity_id: string | null;
  owner_id: string;
  kind: Kind;
  purpose: string;
  status: AssetStatus;
  review: Defaulted<ReviewStatus>;
  original_file_name: string;
  mime_type: string;
  byte_size: number;
  width: Optional<number>;
  height: Optional<number>;
  duration_ms: Optional<number>;
  alt_text: Optional<string>;
  focal_point: OptionalJson<{ x: number; y: number }>;
  sort_order: number;
  blur_data_url: Optional<string>;
  dominant_colour: Optional<string>;
  thumb_hash: Optional<string>;
  contents: OptionalJson<Contents>;
  render_fingerprint: Optional<string>;
  replaces: Optional<string>;
  replaced_by: Optional<string>;
  failure: OptionalJson<Failure>;
  source_object_id: Optional<string>;
  created_at: Defaulted<Date>;
  updated_at: Defaulted<Date>;
  deleted_at: Optional<Date>;
  undo_until: Optional<Date>;
  restore_rank: Defaulted<number>;
  review_reason: Optional<string>;
  review_claimed_by: Optional<string>;
  review_claimed_until: Optional<Date>;
  gate_turn: Optional<'opened' | 'closed' | 'asked_again'>;
  version: Defaulted<number>;
  generated: OptionalJson<Generated>;
  digital_source: Optional<DigitalSource>;
  video: OptionalJson<VideoFacts>;
  audio: OptionalJson<AudioFacts>;
  processing: OptionalJson<ProcessingFacts>;
  stages: OptionalJson<DoneStages>;
}

export interface ObjectTable {
  id: string;
  provider: string;
  location: string;
  key: string;
  state: ObjectState;
  role: string;
  asset_id: Optional<string>;
  token: Optional<string>;
  bytes: Optional<number>;
  sha256: Optional<string>;
  crc32: Optional<number>;
  mime_type: Optional<string>;
  width: Optional<number>;
  height: Optional<number>;
  lease_until: Optional<Date>;
  attempts: Defaulted<number>;
  retry_at: Optional<Date>;
  last_error: Optional<string>;
  multipart: Defaulted<boolean>;
  writable_until: Optional<Date>;
  scanned_at: Optional<Date>;
  layout: OptionalJson<unknown>;
  created_at: Defaulted<Date>;
}

export interface UploadSessionTable {
  id: string;
  protocol: UploadProtocol;
  state: UploadState;
  owner_id: string;
  collection: string;
  entity_type: string | null;
  entity_id: string | null;
  purpose: string;
  alt_text: Optional<string>;
  sort_order: Optional<number>;
  file_name: string;
  content_type: Optional<string>;
  declared_bytes: Optional<number>;
  declared_sha256: Optional<string>;
  received_bytes: Defaulted<number>;
  asset_id: string;
  object_id: Optional<string>;
  job_id: Optional<string>;
  replaces: Optional<string>;
  needs_own_entity: Defaulted<boolean>;
  bound_by_quota: Defaulted<boolean>;
  failure: OptionalJson<Failure>;
  provider_upload_id: Optional<string>;
  part_bytes: Optional<number>;
  lock_holder: Optional<string>;
  /** Null while no request has ever held the upload. */
  lock_until: Optional<Date>;
  next_part: Defaulted<number>;
  tail_object_id: Optional<string>;
  tail_bytes: Defaulted<number>;
  metadata: Optional<string>;
  concat: Optional<'partial' | 'final'>;
  concat_of: Optional<string>;
  created_at: Defaulted<Date>;
  updated_at: Defaulted<Date>;
  expires_at: Date;
}

export interface JobTable {
  id: string;
  type: string;
  lane: string;
  state: JobState;
  owner_id: string;
  asset_id: Optional<string>;
  upload_id: Optional<string>;
  collection: Optional<string>;
  entity_type: Optional<string>;
  entity_id: Optional<string>;
  progress: Optional<number>;
  message: Optional<string>;
  attempts: Defaulted<number>;
  strikes: Defaulted<number>;
  result: OptionalJson<Record<string, unknown>>;
  error: OptionalJson<{ code: string; message: string; retryable: boolean }>;
  created_at: Defaulted<Date>;
  updated_at: Defaulted<Date>;
  finished_at: Optional<Date>;
  singleton_key: Optional<string>;
  turn: 'ready' | 'later' | 'held' | 'over';
  rank: Defaulted<Date>;
  start_after: Optional<Date>;
  claim: Defaulted<number>;
  heartbeat_at: Optional<Date>;
  data: ColumnType<Record<string, unknown>, string | undefined, string>;
  cancel_requested_at: Optional<Date>;
  began_at: Optional<Date>;
  tries: ColumnType<EndedTry[], string | undefined, string>;
  traceparent: Optional<string>;
}

/** A failed attempt that was, or will be, followed by another. */
export type EndedTry = { beganAt: string; endedAt: string; error: { code: string; message: string; retryable: boolean } };

export interface EventTable {
  shard: number;
  seq: number;
  name: string;
  at: Defaulted<Date>;
  owner_id: string;
  collection: Optional<string>;
  entity_type: Optional<string>;
  entity_id: Optional<string>;
  job_id: Optional<string>;
  media_id: Optional<string>;
  payload: Json<Record<string, unknown>>;
}

export interface ApiKeyTable {
  id: string;
  name: string;
  secret_hash: string;
  scope: string[];
  entities: Optional<string[]>;
  created_at: Defaulted<Date>;
  last_used_at: Optional<Date>;
  revoked_at: Optional<Date>;
}

export interface IdempotencyKeyTable {
  owner_id: string;
  key: string;
  operation: string;
  fingerprint: Optional<string>;
  state: 'running' | 'done';
  status: Optional<number>;
  headers: OptionalJson<Record<string, string>>;
  body: Optional<string>;
  locked_until: Date;
  /** Of the request that holds the key; null when a server of an older version wrote the row. */
  lease: string | null;
  created_at: Defaulted<Date>;
}
