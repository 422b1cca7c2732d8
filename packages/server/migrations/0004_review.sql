-- The gate, replacement and undo.

-- Views fix their columns when they are made; these come back below.
drop view published_asset;

alter table asset
  -- Who took its place; restoring it then swaps the two. Null for what was not replaced.
  add column replaced_by uuid references asset (id) on delete set null,
  -- Of removed assets that a later order left at the same place: their order among themselves.
  add column restore_rank integer not null default 0,
  -- In the words of whoever decided, for its owner.
  add column review_reason text,
  -- The moderator who has taken it out of the queue for a while.
  add column review_claimed_by text,
  add column review_claimed_until timestamptz,
  add check ((review_claimed_by is null) = (review_claimed_until is null));
create index asset_replaced_by on asset (replaced_by) where replaced_by is not null;
create index asset_to_review on asset (id) where review = 'queued' and status = 'ready' and deleted_at is null;

-- What could be shown as it is: ready, not deleted, past the gate. A waiting replacement takes its place when it gets here.
create view presentable_asset as
select asset.*
from asset
join policy on policy.collection = asset.collection
where asset.status = 'ready'
  and asset.deleted_at is null
  and asset.review <> 'rejected'
  and (asset.review = 'approved' or asset.kind <> 'image' or not policy.photo_review_enabled);

-- The one definition of what may be shown. Every read of shown media starts here.
create view published_asset as
select * from presentable_asset where replaces is null;

-- Every time somebody or something was asked whether it may be shown, and what came of it.
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

-- What happened to those that were there when the gate was turned on.
alter table policy_change add column existing text check (existing in ('review', 'grandfather'));

-- What was done that nothing else will remember.
create table audit (
  id         uuid primary key,
  at         timestamptz not null default now(),
  actor_id   text not null,
  action     text not null,
  asset_id   uuid,
  collection text,
  detail     jsonb not null default '{}'
);
create index audit_by_age on audit (at);
