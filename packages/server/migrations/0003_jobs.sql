-- Lanes keep long work from starving short work; each is one pg-boss queue. Retries and back-off are ours (jobs/definitions.ts),
-- so the queue never gives a job up by itself.
select pgboss.create_queue(lane, '{"policy": "standard", "heartbeatSeconds": 10}') from unnest(array['short', 'long', 'review', 'upkeep']) as lane;

-- The sweep for jobs whose worker died looks at active ones only. `id` rather than the heartbeat, so that heartbeats stay HOT.
create index safelight_active on pgboss.job_common (id) where state = 'active';

alter table job
  add column lane text not null check (lane in ('short', 'long', 'review', 'upkeep')),
  -- At most one unfinished job of a type has this key.
  add column singleton_key text,
  -- Set while somebody works on it; the worker sees it within a second and ends the job as cancelled.
  add column cancel_requested_at timestamptz,
  add check ((finished_at is not null) = (state in ('complete', 'failed', 'cancelled')));
create unique index job_unfinished_singleton on job (type, singleton_key) where singleton_key is not null and finished_at is null;

-- Who follows one job is told its story from the start.
create index event_of_job on event (job_id, shard, seq) where job_id is not null;
