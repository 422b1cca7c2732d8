-- What buyers may have: by the transaction of the application, for each file by itself.
create table grant_ (
  id            uuid primary key,
  transaction   text not null unique,
  buyer_id      text,
  -- What it was made with, so that the same again is known from another.
  request       text not null,
  expires_at    timestamptz,
  max_downloads integer,
  -- What each page of a document says for the buyer.
  stamp         text,
  -- Counts up with every new access token: the one before then proves nothing.
  generation    integer not null default 1,
  -- When it was last told that it is used from many networks.
  shared_at     timestamptz,
  revoked_at    timestamptz,
  created_by    text not null,
  created_at    timestamptz not null default now(),
  version       bigint not null default 1
);
create index grant_of_buyer on grant_ (buyer_id, id desc) where buyer_id is not null;
-- Grants are looked for by the beginning of their number.
create index grant_by_number on grant_ (transaction text_pattern_ops);

-- `asset_id` is no reference: buyers of what was purged are told that it is gone, which takes knowing that it was
-- theirs.
create table grant_asset (
  grant_id         uuid not null references grant_ (id) on delete cascade,
  asset_id         uuid not null,
  position         integer not null,
  used             integer not null default 0,
  max              integer,
  -- Of places that were given back; never more than the file has, or a beginning could be had again and again.
  given_back_bytes bigint not null default 0,
  last_download_at timestamptz,
  removed_at       timestamptz,
  primary key (grant_id, asset_id)
);
create index grant_of_asset on grant_asset (asset_id);

-- What is put behind a document for one grant; `tail` is deflated. Where that could not be done, `failure` says why and
-- buyers get the document as it is.
create table grant_stamp (
  grant_id   uuid not null references grant_ (id) on delete cascade,
  object_id  uuid not null references object (id) on delete cascade,
  tail       bytea,
  tail_bytes integer not null default 0,
  -- Of the whole that buyers get.
  sha256     text,
  crc32      bigint,
  failure    text,
  made_at    timestamptz not null default now(),
  primary key (grant_id, object_id)
);
create index stamp_of_object on grant_stamp (object_id);

-- The requests that were turned away, and why: one row for each network, file and reason of a day.
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

-- Clients are told apart by digests only; without the salt of their day nobody can try out whose they are.
create table address_salt (
  day  date primary key,
  salt text not null
);
