-- The last place of an owner, where the collection has no entity: asked by every upload.
create index asset_order_of_owner on asset (collection, owner_id, sort_order) where entity_type is null;
