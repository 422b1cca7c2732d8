-- Keys sort as every store lists them: by bytes. The unique index on (provider, location, key) then serves the walk that compares the
-- ledger with a store page by page, whatever the collation of the database is.
alter table object alter column key type text collate "C";
