-- What may be shown in a collection whose gate is closed is what was approved, perhaps little of much: listed from here
-- (assets/list-media.ts). Collections without a gate approve nothing, and have nothing in it.
create index asset_approved on asset (collection, kind, id)
  where review = 'approved' and status = 'ready' and deleted_at is null;
