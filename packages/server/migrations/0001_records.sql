-- What Safelight knows: assets, the objects that their bytes lie in, uploads on their way, the rules, and who may ask.
-- Kind, purpose, status, review and role are separate columns; none is derived from another.

create table asset (
  id                 uuid primary key,
  collection         text not null,
  entity_type        text,
  entity_id          text,
  owner_id           text not null,
  kind               text not null check (kind in ('image', 'video', 'audio', 'file')),
  purpose            text not null,
  status             text not null check (status in ('pending', 'processing', 'ready', 'failed')),
  review             text not null default 'not_required' check (review in ('not_required', 'queued', 'approved', 'rejected', 'failed')),
  original_file_name text not null,
  mime_type          text not null,
  byte_size          bigint not null,
  width              integer,
  height             integer,
  duration_ms        bigint,
  alt_text           text,
  focal_point        jsonb,
  sort_order         integer not null,
  blur_data_url      text,
  dominant_colour    text,
  thumb_hash         text,
  -- By which rules its outputs were made; reprocessing passes over what is up to date. Null: unknown, or a focal point was moved since.
  render_fingerprint text,
  -- Set while this asset waits to take the place of another; null once it has, or when it never was to.
  replaces           uuid references asset (id) on delete set null,
  -- Who took its place; restoring it then swaps the two. Null for what was not replaced.
  replaced_by        uuid references asset (id) on delete set null,
  -- Of removed assets that a later order left at the same place: their order among themselves.
  restore_rank       integer not null default 0,
  -- In the words of whoever decided, for its owner.
  review_reason      text,
  -- The moderator who has taken it out of the queue for a while.
  review_claimed_by  text,
  review_claimed_until timestamptz,
  -- What a turn of the gate has moved and nobody has been told of yet. Many are told in the transaction of the turn, the rest by a job.
  gate_turn          text check (gate_turn in ('opened', 'closed', 'asked_again')),
  failure            jsonb,
  -- The object that processing results must have been made from; a result made from another is discarded.
  source_object_id   uuid,
  created_at         timestamptz not null default now(),
  updated_at         timestamptz not null default now(),
  deleted_at         timestamptz,
  undo_until         timestamptz,
  version            bigint not null default 1,
  check ((entity_type is null) = (entity_id is null)),
  check ((deleted_at is null) = (undo_until is null)),
  check ((review_claimed_by is null) = (review_claimed_until is null))
);
create index asset_of_entity on asset (entity_type, entity_id, collection, sort_order, id) where entity_type is not null;
create index asset_of_owner on asset (owner_id, id desc);
create index asset_of_collection on asset (collection, id desc);
create index asset_replacing on asset (replaces) where replaces is not null;
create index asset_to_purge on asset (undo_until) where deleted_at is not null;
create index asset_replaced_by on asset (replaced_by) where replaced_by is not null;
-- The last place of an owner, where the collection has no entity: asked by every upload.
create index asset_order_of_owner on asset (collection, owner_id, sort_order) where entity_type is null;
create index asset_to_review on asset (id) where review = 'queued' and status = 'ready' and deleted_at is null;
-- Moderators read one collection's queue, or what failed or was rejected, however large the library is.
create index asset_of_review on asset (review, collection, id) where review in ('queued', 'failed', 'rejected') and status = 'ready' and deleted_at is null;
create index asset_claimed on asset (review_claimed_by, id) where review_claimed_by is not null;
create index asset_gate_turn on asset (collection, id) where gate_turn is not null;

-- The object ledger: a row before the first byte, `writing → stored → deleting → gone`. An artifact is a row bound to an asset.
create table object (
  id          uuid primary key,
  provider    text not null,
  location    text not null,
  -- Sorted as every store lists its keys, by bytes, so that the walk that compares the two needs no other order.
  key         text collate "C" not null,
  state       text not null check (state in ('writing', 'stored', 'deleting')),
  role        text not null,
  asset_id    uuid references asset (id),
  -- The opaque name under which the artifact is delivered.
  token       text unique,
  bytes       bigint,
  sha256      text,
  mime_type   text,
  width       integer,
  height      integer,
  -- It arrives in parts: before its row goes, parts that the provider still holds are given up too.
  multipart   boolean not null default false,
  -- When a malware scanner passed the whole object. Null: never scanned, because nothing scans here or did when it came.
  scanned_at  timestamptz,
  -- Until when a URL that was signed for this key may still write to it. What is removed before is removed once more then, and only after
  -- that does the row go: a PUT that is replayed late leaves nothing that the ledger does not name.
  writable_until timestamptz,
  -- Until when a writer may still be at work; after that the sweeper removes what is there.
  lease_until timestamptz,
  -- How often removing the bytes failed, and when to try next.
  attempts    integer not null default 0,
  retry_at    timestamptz,
  last_error  text,
  created_at  timestamptz not null default now(),
  unique (provider, location, key),
  check (state <> 'writing' or lease_until is not null),
  check (state = 'stored' or asset_id is null)
);
create unique index artifact_of_asset on object (asset_id, role) where asset_id is not null;
create index object_to_sweep on object (coalesce(retry_at, lease_until, created_at)) where state <> 'stored';

-- Bytes on their way in, by whichever protocol.
create table upload_session (
  id                 uuid primary key,
  protocol           text not null check (protocol in ('direct', 'presigned', 'multipart', 'tus', 'import')),
  state              text not null check (state in ('open', 'finalizing', 'complete', 'failed', 'aborted', 'expired')),
  owner_id           text not null,
  collection         text not null,
  entity_type        text,
  entity_id          text,
  purpose            text not null,
  alt_text           text,
  sort_order         integer,
  file_name          text not null,
  content_type       text,
  declared_bytes     bigint,
  declared_sha256    text,
  received_bytes     bigint not null default 0,
  -- Chosen when the session opens, so that the object's key can name the asset before there is one.
  asset_id           uuid not null,
  object_id          uuid,
  job_id             uuid,
  replaces           uuid,
  failure            jsonb,
  provider_upload_id text,
  part_bytes         bigint,
  -- The upload was allowed because its entity was empty or held nothing but its owner's. Whether that still holds is asked once more when it
  -- becomes an asset: in between, the entity may have become somebody else's.
  needs_own_entity   boolean not null default false,
  -- Resumable uploads: the request that may move the offset. Every move names it, so one that was given up for dead moves nothing any more.
  lock_holder        uuid,
  lock_until         timestamptz,
  -- Part numbers are given out once, so a late part of a lost holder never takes the place of another.
  next_part          integer not null default 1,
  -- Bytes that are too few for a part yet wait in an object of their own.
  tail_object_id     uuid,
  tail_bytes         bigint not null default 0,
  metadata           text,
  concat             text check (concat in ('partial', 'final')),
  -- What a final upload was made of, as its client named it: it is answered again.
  concat_of          text,
  created_at         timestamptz not null default now(),
  updated_at         timestamptz not null default now(),
  expires_at         timestamptz not null
);
create index upload_session_of_owner on upload_session (owner_id, id desc);
create index upload_session_to_expire on upload_session (expires_at) where state = 'open';
create unique index upload_session_of_object on upload_session (object_id) where object_id is not null;
-- Uploads are also completed by their path, which names the asset and stays when the object has moved.
create index upload_session_of_asset on upload_session (asset_id);
-- Who edits a collection sees what is still on its way there.
create index upload_session_of_place on upload_session (entity_type, entity_id, collection, id) where state = 'open' and entity_type is not null;

-- What has become durable of a resumable upload.
create table upload_part (
  upload_id   uuid not null references upload_session (id) on delete cascade,
  part_number integer not null,
  bytes       bigint not null,
  etag        text not null,
  primary key (upload_id, part_number)
);

create table policy (
  collection           text primary key,
  rules                jsonb not null,
  photo_review_enabled boolean not null generated always as ((rules ->> 'photoReviewEnabled')::boolean) stored,
  version              bigint not null default 1,
  updated_at           timestamptz not null default now(),
  updated_by           text not null
);
create table policy_change (
  id         uuid primary key,
  collection text not null,
  at         timestamptz not null default now(),
  changed_by text not null,
  before     jsonb,
  after      jsonb not null,
  -- What happened to the photos that were there when the gate was turned on.
  existing   text check (existing in ('review', 'grandfather'))
);
create index policy_change_of_collection on policy_change (collection, id desc);

-- What could be shown as it is: ready, not deleted, past the gate. A waiting replacement takes its place when it gets here.
create view presentable_asset as
select asset.*
from asset
join policy on policy.collection = asset.collection
where asset.status = 'ready'
  and asset.deleted_at is null
  and asset.review <> 'rejected'
  and (asset.review = 'approved' or asset.kind <> 'image' or not policy.photo_review_enabled);

-- The one definition of what may be shown. Every read of shown media starts here.
create view published_asset as
select * from presentable_asset where replaces is null;

-- Every time somebody or something was asked whether it may be shown, and what came of it.
create table review_attempt (
  id          uuid primary key,
  asset_id    uuid not null references asset (id) on delete cascade,
  -- The source that was looked at. A decision about another one decides nothing.
  revision    uuid not null,
  provider    text not null,
  model       text,
  outcome     text not null check (outcome in ('approved', 'rejected', 'failed', 'waiting')),
  categories  text[] not null default '{}',
  scores      jsonb not null default '{}',
  reason      text,
  error       jsonb,
  latency_ms  integer,
  -- In the provider's own unit: tokens, or requests.
  cost_units  real,
  decided_by  text,
  at          timestamptz not null default now()
);
create index review_attempt_of_asset on review_attempt (asset_id, id desc);

-- What was done that nothing else will remember.
create table audit (
  id         uuid primary key,
  at         timestamptz not null default now(),
  actor_id   text not null,
  action     text not null,
  asset_id   uuid,
  collection text,
  detail     jsonb not null default '{}'
);
create index audit_by_age on audit (at);

create table api_key (
  id           uuid primary key,
  name         text not null,
  secret_hash  text not null unique,
  scope        text[] not null,
  entities     text[],
  created_at   timestamptz not null default now(),
  last_used_at timestamptz,
  revoked_at   timestamptz
);

create table idempotency_key (
  owner_id     text not null,
  key          text not null,
  operation    text not null,
  fingerprint  text,
  state        text not null check (state in ('running', 'done')),
  status       integer,
  headers      jsonb,
  body         text,
  locked_until timestamptz not null,
  -- The request that holds the key. One that stood still past its lease finds another's name here, and neither settles nor frees what is not its own.
  lease        uuid,
  created_at   timestamptz not null default now(),
  primary key (owner_id, key)
);
create index idempotency_key_by_age on idempotency_key (created_at);
