-- What else is known of a picture, and which rules its outputs were made by: reprocessing passes over what is up to date.
alter table asset
  add column dominant_colour text,
  add column thumb_hash text,
  -- Null: unknown, or a focal point was moved since.
  add column render_fingerprint text;
