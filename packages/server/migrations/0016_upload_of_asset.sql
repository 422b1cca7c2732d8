-- Uploads are also completed by their path, which names the asset and stays when the object has moved.
create index upload_session_of_asset on upload_session (asset_id);
