-- The records of SPEC §2. Kind, purpose, status, review and role are separate columns; none is derived from another.

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
  -- Set while this asset waits to take the place of another; null once it has, or when it never was to.
  replaces           uuid references asset (id) on delete set null,
  failure            jsonb,
  -- The object that processing results must have been made from; a result made from another is discarded.
  source_object_id   uuid,
  created_at         timestamptz not null default now(),
  updated_at         timestamptz not null default now(),
  deleted_at         timestamptz,
  undo_until         timestamptz,
  version            bigint not null default 1,
  check ((entity_type is null) = (entity_id is null)),
  check ((deleted_at is null) = (undo_until is null))
);
create index asset_of_entity on asset (entity_type, entity_id, collection, sort_order, id) where entity_type is not null;
create index asset_of_owner on asset (owner_id, id desc);
create index asset_of_collection on asset (collection, id desc);
create index asset_replacing on asset (replaces) where replaces is not null;
create index asset_to_purge on asset (undo_until) where deleted_at is not null;

-- The object ledger: a row before the first byte, `writing → stored → deleting → gone`. An artifact is a row bound to an asset.
create table object (
  id          uuid primary key,
  provider    text not null,
  location    text not null,
  key         text not null,
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
  created_at         timestamptz not null default now(),
  updated_at         timestamptz not null default now(),
  expires_at         timestamptz not null
);
create index upload_session_of_owner on upload_session (owner_id, id desc);
create index upload_session_to_expire on upload_session (expires_at) where state = 'open';
create unique index upload_session_of_object on upload_session (object_id) where object_id is not null;

-- What people see of a job. Its turn, retries and heartbeat are pg-boss's; the id is the same in both.
create table job (
  id          uuid primary key,
  type        text not null,
  state       text not null check (state in ('queued', 'active', 'retrying', 'complete', 'failed', 'cancelled')),
  owner_id    text not null,
  asset_id    uuid,
  upload_id   uuid,
  collection  text,
  entity_type text,
  entity_id   text,
  progress    real,
  message     text,
  attempts    integer not null default 0,
  result      jsonb,
  error       jsonb,
  created_at  timestamptz not null default now(),
  updated_at  timestamptz not null default now(),
  finished_at timestamptz
);
create index job_of_owner on job (owner_id, id desc);
create index job_of_asset on job (asset_id) where asset_id is not null;
create index job_finished on job (finished_at) where finished_at is not null;

-- The outbox. A stream is the events of one shard in the order of `seq`: the counter row is taken as the last thing
-- before commit, so a lower number can never appear after a higher one was read.
create table event_shard (
  shard smallint primary key,
  last  bigint not null default 0
);
insert into event_shard (shard) select generate_series(0, 7);

create table event (
  shard       smallint not null,
  seq         bigint not null,
  name        text not null,
  at          timestamptz not null default clock_timestamp(),
  owner_id    text not null,
  collection  text,
  entity_type text,
  entity_id   text,
  job_id      uuid,
  media_id    uuid,
  payload     jsonb not null,
  primary key (shard, seq)
);
create index event_by_age on event (at);

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
  after      jsonb not null
);
create index policy_change_of_collection on policy_change (collection, id desc);

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
  created_at   timestamptz not null default now(),
  primary key (owner_id, key)
);
create index idempotency_key_by_age on idempotency_key (created_at);

-- The one definition of what may be shown. Every read of shown media starts here.
create view published_asset as
select asset.*
from asset
join policy on policy.collection = asset.collection
where asset.status = 'ready'
  and asset.deleted_at is null
  and asset.replaces is null
  and asset.review <> 'rejected'
  and (asset.review = 'approved' or asset.kind <> 'image' or not policy.photo_review_enabled);
