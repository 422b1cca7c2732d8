-- Until when a URL that was signed for this key may still write to it. What is removed before is removed once more then, and only after
-- that does the row go: a PUT that is replayed late leaves nothing that the ledger does not name.
alter table object add column writable_until timestamptz;
