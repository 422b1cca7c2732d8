-- A job: its public state, and its place in the queue (jobs/queue-rows.ts explains the states of `turn`).
create table job (
  id          uuid primary key,
  type        text not null,
  -- Long work never delays short work, and posters come before the work on whole videos.
  lane        text not null check (lane in ('short', 'poster', 'long', 'review', 'generation', 'upkeep')),
  state       text not null check (state in ('queued', 'active', 'retrying', 'complete', 'failed', 'cancelled')),
  owner_id    text not null,
  asset_id    uuid,
  upload_id   uuid,
  collection  text,
  entity_type text,
  entity_id   text,
  data        jsonb not null default '{}',
  progress    real,
  message     text,
  result      jsonb,
  error       jsonb,

  attempts    integer not null default 0,
  -- The times of its attempts, which show how long a job waited and how long it ran. `began_at` is of the current or
  -- last attempt; earlier failed attempts are in `tries`, the newest last, at most twenty.
  began_at    timestamptz,
  tries       jsonb not null default '[]',
  -- How many processes it has ended by an uncaught error.
  strikes     integer not null default 0,

  -- At most one unfinished job of a type has this key.
  singleton_key       text,
  -- Set while a worker runs the job; the worker notices within a second and ends it as cancelled.
  cancel_requested_at timestamptz,
  -- The trace that it belongs to, as a W3C `traceparent`, if requests are traced: the work for a request is part of its
  -- trace.
  traceparent text,

  turn         text not null check (turn in ('ready', 'later', 'held', 'over')),
  -- The order among the ready jobs of one owner; earlier is sooner.
  rank         timestamptz not null default now(),
  start_after  timestamptz,
  -- Incremented by each claim: it identifies the attempt, and every write names the claim that it belongs to.
  claim        integer not null default 0,
  heartbeat_at timestamptz,
  created_at   timestamptz not null default now(),
  updated_at   timestamptz not null default now(),
  finished_at  timestamptz,
  check ((finished_at is not null) = (state in ('complete', 'failed', 'cancelled'))),
  check ((turn = 'later') = (start_after is not null)),
  check ((turn = 'held') = (heartbeat_at is not null)),
  check (finished_at is not null or turn <> 'over')
);
create index job_of_owner on job (owner_id, id desc);
create index job_of_asset on job (asset_id) where asset_id is not null;
create index job_finished on job (finished_at) where finished_at is not null;
create unique index job_unfinished_singleton on job (type, singleton_key)
  where singleton_key is not null and finished_at is null;
-- Owners take turns within a lane, so ready jobs are indexed by owner. Heartbeats change no indexed column.
create index job_ready on job (lane, owner_id, rank, id) where turn = 'ready';
create index job_later on job (start_after) where turn = 'later';
create index job_held on job (id) where turn = 'held';
