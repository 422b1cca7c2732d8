-- Requests to generate media. Each is paid for once, because the intention to send it is recorded before it is sent.
create table generation (
  job_id            uuid primary key,
  owner_id          text not null,
  kind              text not null check (kind in ('image', 'video')),
  provider          text not null,
  model             text not null,
  request           jsonb not null,
  state             text not null check (state in
    ('reserved', 'submitting', 'submitted', 'storing', 'done', 'failed', 'cancelled', 'unknown')),
  -- The prompt is checked before anything is sent; an unanswered check is repeated a few times.
  moderated_at      timestamptz,
  moderation_tries  integer not null default 0,
  -- The provider's name for the operation; JSON that only its adapter understands.
  operation         jsonb,
  submit_started_at timestamptz,
  next_poll_at      timestamptz,
  deadline_at       timestamptz,
  usage             jsonb,
  -- Pictures, or seconds of video, which count against the owner's allowance. Units that were not billed are given
  -- back.
  reserved_units    integer not null,
  -- The cost by the configured prices: expected while it runs, billed when it has ended. Null without a configured
  -- price.
  cost              numeric(14, 6),
  currency          text,
  error             jsonb,
  -- Requests that were refused before any work began; only a few are repeated.
  sends             integer not null default 0,
  -- Consecutive answers that could not be understood.
  bad_polls         integer not null default 0,
  polls             integer not null default 0,
  -- After a cancellation: whether the provider has stopped; null if nobody can tell.
  spending_stopped  boolean,
  created_at        timestamptz not null default now()
);
create index generation_of_owner on generation (owner_id, created_at);
create index generation_unfinished on generation (owner_id)
  where state in ('reserved', 'submitting', 'submitted', 'storing');
-- Due videos are polled in groups; rescheduling a poll changes only this small index.
create index generation_due on generation (next_poll_at) where state = 'submitted';

create table generation_output (
  job_id    uuid not null references generation (job_id) on delete cascade,
  index     integer not null,
  -- `submitting`: a paid request was sent and not answered yet, so it is never sent again.
  state     text not null check (state in
    ('waiting', 'submitting', 'submitted', 'storing', 'stored', 'done', 'failed')),
  upload_id uuid,
  asset_id  uuid,
  error     jsonb,
  primary key (job_id, index)
);
