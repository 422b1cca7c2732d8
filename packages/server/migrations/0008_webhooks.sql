-- Endpoints of the application that receive events. Each follows the outbox with its own cursor: for each shard, the
-- number of the last event whose deliveries exist. Deliveries are created in the transaction that moves the cursor.
create table webhook_endpoint (
  id               uuid primary key,
  url              text not null,
  description      text not null default '',
  events           text[] not null,
  collections      text[],
  -- Encrypted with a key that is derived from the signing keys.
  secret           text not null,
  previous_secret  text,
  previous_until   timestamptz,
  state            text not null default 'enabled' check (state in ('enabled', 'disabled')),
  disabled_reason  text,
  -- The first failure since the last success.
  failing_since    timestamptz,
  from_environment boolean not null default false,
  cursor           jsonb not null,
  created_at       timestamptz not null
);

create table webhook_delivery (
  id            uuid primary key,
  endpoint_id   uuid not null references webhook_endpoint on delete cascade,
  event         text not null,
  shard         smallint,
  seq           bigint,
  media_id      uuid,
  state         text not null check (state in ('pending', 'delivered', 'dead')),
  -- The number of attempts begun; an outcome counts only for its own attempt.
  attempts      integer not null default 0,
  -- The position in the schedule; a redelivery starts over.
  step          integer not null default 0,
  next_at       timestamptz,
  -- A worker is attempting it until then.
  claimed_until timestamptz,
  body          text not null,
  event_at      timestamptz not null,
  created_at    timestamptz not null,
  ended_at      timestamptz,
  unique (endpoint_id, shard, seq)
);
create index webhook_delivery_due on webhook_delivery (endpoint_id, next_at) where state = 'pending';
create index webhook_delivery_claimed on webhook_delivery (endpoint_id, claimed_until) where claimed_until is not null;
create index webhook_delivery_of_endpoint on webhook_delivery (endpoint_id, id);
create index webhook_delivery_by_age on webhook_delivery (created_at);

create table webhook_attempt (
  delivery_id uuid not null references webhook_delivery on delete cascade,
  number      integer not null,
  at          timestamptz not null,
  status      integer,
  ms          integer not null,
  answer      text not null,
  primary key (delivery_id, number)
);
