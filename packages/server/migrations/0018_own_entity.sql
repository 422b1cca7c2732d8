-- The upload was allowed because its entity was empty or held nothing but its owner's. Whether that still holds is asked once more when it
-- becomes an asset: in between, the entity may have become somebody else's.
alter table upload_session add column needs_own_entity boolean not null default false;
