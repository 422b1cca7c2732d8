-- What a machine is asked to make. A request is paid for once: what is about to be sent is written down before it is
-- sent.
create table generation (
  job_id            uuid primary key,
  owner_id          text not null,
  kind              text not null check (kind in ('image', 'video')),
  provider          text not null,
  model             text not null,
  request           jsonb not null,
  state             text not null check (state in
    ('reserved', 'submitting', 'submitted', 'storing', 'done', 'failed', 'cancelled', 'unknown')),
  -- Whether the prompt may be sent was asked before anything was; what nobody answered about is asked again, a few
  -- times.
  moderated_at      timestamptz,
  moderation_tries  integer not null default 0,
  -- What the provider calls its work; JSON that only its adapter understands.
  operation         jsonb,
  submit_started_at timestamptz,
  next_poll_at      timestamptz,
  deadline_at       timestamptz,
  usage             jsonb,
  -- Pictures, or seconds of video: what counts against the allowance of the owner. What was not billed is given back.
  reserved_units    integer not null,
  -- What it costs by the prices of the configuration: expected while it runs, counted when it has ended. Null where
  -- nobody named a price.
  cost              numeric(14, 6),
  currency          text,
  error             jsonb,
  -- Requests that were refused before any work began; there are few more.
  sends             integer not null default 0,
  -- Answers in a row that could not be understood.
  bad_polls         integer not null default 0,
  polls             integer not null default 0,
  -- Of a cancelled one: whether its provider has stopped; null where nobody can tell.
  spending_stopped  boolean,
  created_at        timestamptz not null default now()
);
create index generation_of_owner on generation (owner_id, created_at);
create index generation_unfinished on generation (owner_id)
  where state in ('reserved', 'submitting', 'submitted', 'storing');
-- Open videos are looked at in groups, those whose time has come; polls ending anew touch a small index alone.
create index generation_due on generation (next_poll_at) where state = 'submitted';

create table generation_output (
  job_id    uuid not null references generation (job_id) on delete cascade,
  index     integer not null,
  -- `submitting` marks a paid request that was sent and not answered yet: nobody sends it again.
  state     text not null check (state in
    ('waiting', 'submitting', 'submitted', 'storing', 'stored', 'done', 'failed')),
  upload_id uuid,
  asset_id  uuid,
  error     jsonb,
  primary key (job_id, index)
);
