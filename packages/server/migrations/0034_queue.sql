-- The queue is the job's own row: whose turn it is, and who holds it (jobs/queue-rows.ts tells the states of `turn`).
alter table job
  add column turn text not null default 'ready' check (turn in ('ready', 'later', 'held', 'over')),
  -- The order among the ready jobs of one owner; earlier is sooner.
  add column rank timestamptz not null default now(),
  add column start_after timestamptz,
  -- Raised by each claim: it names the attempt, and whoever writes says which one they hold.
  add column claim integer not null default 0,
  add column heartbeat_at timestamptz,
  add column data jsonb not null default '{}';
update job set turn = 'over' where finished_at is not null;
alter table job
  alter column turn drop default,
  add check ((turn = 'later') = (start_after is not null)),
  add check ((turn = 'held') = (heartbeat_at is not null)),
  add check (finished_at is not null or turn <> 'over');

-- Owners take turns within a lane, so ready jobs stand by owner. Heartbeats touch no index.
create index job_ready on job (lane, owner_id, rank, id) where turn = 'ready';
create index job_later on job (start_after) where turn = 'later';
create index job_held on job (id) where turn = 'held';

drop schema pgboss cascade;
