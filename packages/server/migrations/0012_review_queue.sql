-- Moderators read one collection's queue, or what failed or was rejected, however large the library is.
create index asset_of_review on asset (review, collection, id) where review in ('queued', 'failed', 'rejected') and status = 'ready' and deleted_at is null;
create index asset_claimed on asset (review_claimed_by, id) where review_claimed_by is not null;
