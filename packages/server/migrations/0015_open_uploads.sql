-- Who edits a collection sees what is still on its way there.
create index upload_session_of_place on upload_session (entity_type, entity_id, collection, id) where state = 'open' and entity_type is not null;
