-- Whether the prompt may be sent was asked before anything was; what nobody answered about is asked again, a few times.
alter table generation add column moderated_at timestamptz;
alter table generation add column moderation_tries integer not null default 0;
-- What it costs by the prices of the configuration: expected while it runs, counted when it has ended. Null where nobody named a price.
alter table generation add column cost numeric(14, 6);
alter table generation add column currency text;
