-- When it was last told that a grant is used from many networks.
alter table grant_ add column shared_at timestamptz;
-- What was downloaded of a file, day by day, whoever bought it.
create index download_of_asset on download (asset_id, started_at);
