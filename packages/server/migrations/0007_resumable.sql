-- Resumable uploads: who holds the body right now, and what has become durable of it.
alter table upload_session
  -- The request that may move the offset; every move names it, so one that was given up for dead moves nothing any more.
  add column lock_holder uuid,
  add column lock_until timestamptz,
  -- Part numbers are given out once, so a late part of a lost holder never takes the place of another.
  add column next_part integer not null default 1,
  -- Bytes that are too few for a part yet wait in an object of their own.
  add column tail_object_id uuid,
  add column tail_bytes bigint not null default 0,
  add column metadata text,
  add column concat text check (concat in ('partial', 'final'));

create table upload_part (
  upload_id   uuid not null references upload_session (id) on delete cascade,
  part_number integer not null,
  bytes       bigint not null,
  etag        text not null,
  primary key (upload_id, part_number)
);
