-- Keys, locks and logs that requests and processes share.

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

-- The answers to requests with an Idempotency-Key, which repeated requests get again.
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
  -- The request that holds the key. One that stalled past its lease finds another's name here, and then neither settles
  -- nor releases the key.
  lease        uuid,
  created_at   timestamptz not null default now(),
  primary key (owner_id, key)
);
create index idempotency_key_by_age on idempotency_key (created_at);

-- Actions that leave no other trace.
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

-- Locks are rows, so that they need nothing but SQL: work that must be serialised first locks a stripe that is chosen
-- by a hash of its name. A room is a set of 256 stripes for one kind of name, created at its first use; stripes are
-- only locked, never changed.
create table stripe (
  room   text not null,
  number smallint not null,
  primary key (room, number)
);

-- While one of these leases is valid, no bytes are removed: a backup copies the objects that existed at its beginning,
-- however long that takes.
create table backup_hold (
  id          uuid primary key,
  lease_until timestamptz not null
);
