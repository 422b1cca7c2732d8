-- The outbox. A stream is the events of one shard in the order of `seq`: a transaction takes the counter row as its
-- last statement before the commit, so a lower number never appears after a higher one could be read.
create table event_shard (
  shard smallint primary key,
  last  bigint not null default 0
);
insert into event_shard (shard) select generate_series(0, 7);

create table event (
  shard       smallint not null,
  seq         bigint not null,
  name        text not null,
  at          timestamptz not null default clock_timestamp(),
  owner_id    text not null,
  collection  text,
  entity_type text,
  entity_id   text,
  job_id      uuid,
  media_id    uuid,
  payload     jsonb not null,
  primary key (shard, seq)
);
create index event_by_age on event (at);
-- A client that follows one job gets its events from the beginning.
create index event_of_job on event (job_id, shard, seq) where job_id is not null;
