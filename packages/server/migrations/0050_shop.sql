-- What each page of a document says for the buyer of a grant.
alter table grant_ add column stamp text;

-- What is put behind a document for one grant; `tail` is deflated. Without one it could not be done, and `failure` says why: then buyers get the document as it is.
create table grant_stamp (
  grant_id  uuid not null references grant_ (id) on delete cascade,
  object_id uuid not null references object (id) on delete cascade,
  tail      bytea,
  tail_bytes integer not null default 0,
  -- Of the whole that buyers get.
  sha256    text,
  crc32     bigint,
  failure   text,
  made_at   timestamptz not null default now(),
  primary key (grant_id, object_id)
);
create index stamp_of_object on grant_stamp (object_id);

-- Who was turned away, and why: one row for each network, file and reason of a day.
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

-- Grants are looked for by the beginning of their number.
create index grant_by_number on grant_ (transaction text_pattern_ops);

-- What an archive or a book says is in it: the first names, and how many there are.
alter table asset add column contents jsonb;
