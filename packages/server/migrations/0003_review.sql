-- Every request to a reviewer, human or service, whether media may be shown, with its outcome.
create table review_attempt (
  id          uuid primary key,
  asset_id    uuid not null references asset (id) on delete cascade,
  -- The source that was reviewed. A decision about another source has no effect.
  revision    uuid not null,
  provider    text not null,
  model       text,
  outcome     text not null check (outcome in ('approved', 'rejected', 'failed', 'waiting')),
  categories  text[] not null default '{}',
  scores      jsonb not null default '{}',
  reason      text,
  error       jsonb,
  latency_ms  integer,
  -- In the provider's own unit: tokens, or requests.
  cost_units  real,
  decided_by  text,
  at          timestamptz not null default now()
);
create index review_attempt_of_asset on review_attempt (asset_id, id desc);
