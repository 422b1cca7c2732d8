-- Uploads in progress, by any protocol.
create table upload_session (
  id                 uuid primary key,
  protocol           text not null check (protocol in ('direct', 'presigned', 'multipart', 'tus', 'import')),
  state              text not null
    check (state in ('open', 'finalizing', 'complete', 'failed', 'aborted', 'expired')),
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
  -- Chosen when the session opens, so that the object's key can contain the id of the later asset.
  asset_id           uuid not null,
  object_id          uuid,
  job_id             uuid,
  replaces           uuid,
  failure            jsonb,
  provider_upload_id text,
  part_bytes         bigint,
  -- The upload was allowed because its entity was empty or all of its media were the owner's. This is checked again
  -- when it becomes an asset, because the entity may belong to somebody else by then.
  needs_own_entity   boolean not null default false,
  -- Whether the owner's quota applies: it does not to managers, and a signed URL does not tell who opened the session.
  bound_by_quota     boolean not null default true,
  -- Resumable uploads: the request that may move the offset. Every move names it, so a request that was given up for
  -- dead can no longer move anything.
  lock_holder        uuid,
  lock_until         timestamptz,
  -- Each part number is used once, so a late part of a previous holder never replaces another.
  next_part          integer not null default 1,
  -- Bytes that are too few for a part are kept in an object of their own.
  tail_object_id     uuid,
  tail_bytes         bigint not null default 0,
  metadata           text,
  concat             text check (concat in ('partial', 'final')),
  -- The parts of a final upload as its client named them, because they are part of later answers.
  concat_of          text,
  created_at         timestamptz not null default now(),
  updated_at         timestamptz not null default now(),
  expires_at         timestamptz not null
);
create index upload_session_of_owner on upload_session (owner_id, id desc);
create index upload_session_to_expire on upload_session (expires_at) where state = 'open';
create unique index upload_session_of_object on upload_session (object_id) where object_id is not null;
-- Uploads can also be completed by their path, which contains the asset's id and stays the same when the object moves.
create index upload_session_of_asset on upload_session (asset_id);
-- Editors of a collection see uploads that are still in progress.
create index upload_session_of_place on upload_session (entity_type, entity_id, collection, id)
  where state = 'open' and entity_type is not null;

-- The durable parts of a resumable upload.
create table upload_part (
  upload_id   uuid not null references upload_session (id) on delete cascade,
  part_number integer not null,
  bytes       bigint not null,
  etag        text not null,
  primary key (upload_id, part_number)
);
