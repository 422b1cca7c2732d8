-- Bytes on their way in, by whichever protocol.
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
  -- Chosen when the session opens, so that the object's key can name the asset before there is one.
  asset_id           uuid not null,
  object_id          uuid,
  job_id             uuid,
  replaces           uuid,
  failure            jsonb,
  provider_upload_id text,
  part_bytes         bigint,
  -- The upload was allowed because its entity was empty or held nothing but its owner's. Whether that still holds is
  -- asked once more when it becomes an asset: in between, the entity may have become somebody else's.
  needs_own_entity   boolean not null default false,
  -- Whether the quota of its owner binds it: not that of somebody who manages the site, and a signed URL does not say
  -- who opened it.
  bound_by_quota     boolean not null default true,
  -- Resumable uploads: the request that may move the offset. Every move names it, so a request that was given up for
  -- dead moves nothing any more.
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
-- Whoever edits a collection sees what is still on its way there.
create index upload_session_of_place on upload_session (entity_type, entity_id, collection, id)
  where state = 'open' and entity_type is not null;

-- What has become durable of a resumable upload.
create table upload_part (
  upload_id   uuid not null references upload_session (id) on delete cascade,
  part_number integer not null,
  bytes       bigint not null,
  etag        text not null,
  primary key (upload_id, part_number)
);
