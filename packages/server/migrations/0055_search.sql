-- The words by which a record is found: those of its file name, its alternative text, its owner and its entity. Each word as it is, and once more
-- where letters and digits part, so that `1234` finds `IMG_1234.jpg` and `beach` finds `SunsetBeach2.png`. No text search configuration: names are in no
-- language, and identifiers must stay whole. assets/search-words.ts splits what is asked for in the same way.
create function media_words(file_name text, alt_text text, owner_id text, entity_type text, entity_id text) returns tsvector
language sql immutable parallel safe cost 1000 as $$
  select array_to_tsvector(array(
    select distinct left(word, 60)
    from (select concat(file_name, ' ', alt_text) as told, concat(owner_id, ' ', entity_type, ' ', entity_id) as named) as texts,
      regexp_split_to_table(
        lower(concat(told, ' ', named, ' ', regexp_replace(regexp_replace(told, '([a-z0-9])([A-Z])', '\1 \2', 'g'), '([A-Za-z])([0-9])', '\1 \2', 'g'))),
        '[\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+') as word
    where word <> ''
  ))
$$;
create index asset_by_words on asset using gin (media_words(original_file_name, alt_text, owner_id, entity_type, entity_id)) where deleted_at is null;

-- The orders in which a library is read beside its age.
create index asset_by_name on asset (lower(original_file_name), id) where deleted_at is null;
create index asset_by_size on asset (byte_size, id) where deleted_at is null;
