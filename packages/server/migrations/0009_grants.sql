-- What buyers may download: one grant for each transaction of the application, with a limit for each file.
create table grant_ (
  id            uuid primary key,
  transaction   text not null unique,
  buyer_id      text,
  -- The request that created it, to tell a repetition from a different one.
  request       text not null,
  expires_at    timestamptz,
  max_downloads integer,
  -- The text on each page of a document for the buyer.
  stamp         text,
  -- Incremented by every new access token, which invalidates the previous one.
  generation    integer not null default 1,
  -- When an event last said that it is used from many networks.
  shared_at     timestamptz,
  revoked_at    timestamptz,
  created_by    text not null,
  created_at    timestamptz not null default now(),
  version       bigint not null default 1
);
create index grant_of_buyer on grant_ (buyer_id, id desc) where buyer_id is not null;
-- Grants can be searched by the beginning of their number.
create index grant_by_number on grant_ (transaction text_pattern_ops);

-- `asset_id` is no reference: buyers of purged media are told that it is gone, which requires knowing that they had
-- bought it.
create table grant_asset (
  grant_id         uuid not null references grant_ (id) on delete cascade,
  asset_id         uuid not null,
  position         integer not null,
  used             integer not null default 0,
  max              integer,
  -- The bytes of downloads that were given back; limited to the size of the file, or its beginning could be downloaded
  -- again and again.
  given_back_bytes bigint not null default 0,
  last_download_at timestamptz,
  removed_at       timestamptz,
  primary key (grant_id, asset_id)
);
create index grant_of_asset on grant_asset (asset_id);

-- The bytes that are appended to a document for one grant; `tail` is compressed. If stamping failed, `failure` says why
-- and buyers get the document as it is.
create table grant_stamp (
  grant_id   uuid not null references grant_ (id) on delete cascade,
  object_id  uuid not null references object (id) on delete cascade,
  tail       bytea,
  tail_bytes integer not null default 0,
  -- Of the whole stamped document.
  sha256     text,
  crc32      bigint,
  failure    text,
  made_at    timestamptz not null default now(),
  primary key (grant_id, object_id)
);
create index stamp_of_object on grant_stamp (object_id);

-- Refused requests, and why: one row per network, file, reason and day.
create table grant_refusal (
  grant_id     uuid not null references grant_ (id) on delete cascade,
  asset_id     uuid,
  reason       text not null,
  address_hash text not null,
  agent_class  text not null,
  day          date not null,
  count        integer not null default 1,
  first_at     timestamptz not null default now(),
  last_at      timestamptz not null default now(),
  unique nulls not distinct (grant_id, day, asset_id, reason, address_hash, agent_class)
);
create index refusal_by_day on grant_refusal (day);

-- Clients are stored only as digests; once the salt of their day is deleted nobody can find out whose they are.
create table address_salt (
  day  date primary key,
  salt text not null
);
