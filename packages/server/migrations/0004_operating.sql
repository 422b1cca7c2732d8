-- What requests and processes need to know of each other.

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

-- What was answered to a request with an Idempotency-Key, so that the same request again is answered the same.
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
  -- The request that holds the key. One that stood still past its lease finds another's name here, and neither settles
  -- nor frees what is not its own.
  lease        uuid,
  created_at   timestamptz not null default now(),
  primary key (owner_id, key)
);
create index idempotency_key_by_age on idempotency_key (created_at);

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

-- Locks are rows, so that nothing but SQL is relied on: what must happen one after another first locks the stripe that
-- its name falls on. A room has 256 of them, made when it is first locked, however many names it has; they are only
-- ever locked, never changed.
create table stripe (
  room   text not null,
  number smallint not null,
  primary key (room, number)
);

-- While one of these holds, no bytes are removed: a backup copies what was there when it looked, however long that
-- takes.
create table backup_hold (
  id          uuid primary key,
  lease_until timestamptz not null
);
