-- Lists by kind and status, also where nothing is found, take as long in a library of a hundred thousand as in one of a thousand: each way in
-- which they are asked (of an owner, of everybody) is read in order from one place of an index (assets/list-media.ts).
create index asset_of_owner_by_kind on asset (owner_id, collection, kind, status, id) where deleted_at is null;
create index asset_by_kind on asset (collection, kind, status, id) where deleted_at is null;
