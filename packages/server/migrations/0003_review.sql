-- Every time a reviewer, a person or a service, was asked whether something may be shown, and what came of it.
create table review_attempt (
  id          uuid primary key,
  asset_id    uuid not null references asset (id) on delete cascade,
  -- The source that was looked at. A decision about another one decides nothing.
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
