-- What buyers may have: by the transaction of the application, for each file by itself.
create table grant_ (
  id            uuid primary key,
  transaction   text not null unique,
  buyer_id      text,
  -- What it was made with, so that the same again is known from another.
  request       text not null,
  expires_at    timestamptz,
  max_downloads integer,
  -- Counts up with every new access token: the one before then proves nothing.
  generation    integer not null default 1,
  revoked_at    timestamptz,
  created_by    text not null,
  created_at    timestamptz not null default now(),
  version       bigint not null default 1
);
create index grant_of_buyer on grant_ (buyer_id, id desc) where buyer_id is not null;

-- `asset_id` is no reference: buyers of what was purged are told that it is gone, which takes knowing that it was theirs.
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

-- One place spent: all requests of one client for one file while its window is open. `reserved` is what requests were allowed to send,
-- `bytes` what went out; a crash leaves the first too high, never too low.
create table download (
  id           uuid primary key,
  grant_id     uuid not null references grant_ (id) on delete cascade,
  asset_id     uuid not null,
  object_id    uuid not null,
  client_hash  text not null,
  address_hash text not null,
  agent_class  text not null,
  started_at   timestamptz not null default now(),
  last_at      timestamptz not null default now(),
  until        timestamptz not null,
  bytes        bigint not null default 0,
  reserved     bigint not null default 0,
  requests     integer not null default 1,
  state        text not null default 'open' check (state in ('open', 'complete', 'given_back')),
  carrier      text not null check (carrier in ('proxy', 'redirect', 'accelerated'))
);
create index download_of_file on download (grant_id, asset_id, until desc);
create index download_of_grant on download (grant_id, id desc);

-- Clients are told apart by digests only; without the salt of their day nobody can try out whose they are.
create table address_salt (
  day  date primary key,
  salt text not null
);
