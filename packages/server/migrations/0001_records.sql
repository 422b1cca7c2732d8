-- The records: the rules of each collection, its media (`asset`), and their bytes (`object`). Times are from the
-- database's clock; ids are version 7 UUIDs, so ordering by id is ordering by age.

-- The rules for uploads to a collection. An administrator who changes the configured rules creates a row; every change
-- increments `version`, which detects concurrent changes.
create table policy (
  collection           text primary key,
  rules                jsonb not null,
  photo_review_enabled boolean not null generated always as ((rules ->> 'photoReviewEnabled')::boolean) stored,
  version              bigint not null default 1,
  updated_at           timestamptz not null default now(),
  updated_by           text not null
);

create table policy_change (
  id         uuid primary key,
  collection text not null,
  at         timestamptz not null default now(),
  changed_by text not null,
  before     jsonb,
  after      jsonb not null,
  -- What the administrator chose for existing photos when closing the gate.
  existing   text check (existing in ('review', 'grandfather'))
);
create index policy_change_of_collection on policy_change (collection, id desc);

-- One photo, video, sound or file. Kind, purpose, status and review are independent columns; none is derived from
-- another.
create table asset (
  id                 uuid primary key,
  collection         text not null,
  entity_type        text,
  entity_id          text,
  owner_id           text not null,
  kind               text not null check (kind in ('image', 'video', 'audio', 'file')),
  purpose            text not null,
  status             text not null check (status in ('pending', 'processing', 'ready', 'failed')),
  review             text not null default 'not_required'
    check (review in ('not_required', 'queued', 'approved', 'rejected', 'failed')),
  original_file_name text not null,
  mime_type          text not null,
  byte_size          bigint not null,

  -- Facts from the bytes. `video` and `audio` describe the streams of a recording, `processing` says how its outputs
  -- were made, and `contents` has the first names in an archive or a book and their number.
  width              integer,
  height             integer,
  duration_ms        bigint,
  video              jsonb,
  audio              jsonb,
  processing         jsonb,
  contents           jsonb,
  blur_data_url      text,
  dominant_colour    text,
  thumb_hash         text,
  -- Identifies the rules of its outputs; reprocessing skips assets that are up to date. Null: unknown, or a focal point
  -- has been moved since.
  render_fingerprint text,
  -- The completed stages of an asset that is being processed, which are not repeated after a crash.
  stages             jsonb,
  -- The object that outputs must be made from; outputs made from another are discarded.
  source_object_id   uuid,
  failure            jsonb,

  -- Descriptions by people.
  alt_text           text,
  focal_point        jsonb,
  -- Of generated media: the request, and the IPTC term for how a machine was involved.
  generated          jsonb,
  digital_source     text
    check (digital_source in ('trainedAlgorithmicMedia', 'compositeWithTrainedAlgorithmicMedia', 'algorithmicMedia')),

  -- Its position among the media of its entity.
  sort_order         integer not null,
  -- The asset that this one waits to replace; null once it has, and if it never was a replacement.
  replaces           uuid references asset (id) on delete set null,
  -- The asset that replaced this one; restoring this one swaps the two. Null if it was not replaced.
  replaced_by        uuid references asset (id) on delete set null,
  -- The order among deleted assets that later edits left at the same position.
  restore_rank       integer not null default 0,

  -- The moderator's reason for a decision, for the owner to read.
  review_reason      text,
  -- The moderator who has claimed it from the queue for a while.
  review_claimed_by  text,
  review_claimed_until timestamptz,
  -- A gate change that has been applied but not yet announced by an event. The transaction of the change announces
  -- many, a job the rest.
  gate_turn          text check (gate_turn in ('opened', 'closed', 'asked_again')),

  created_at         timestamptz not null default now(),
  updated_at         timestamptz not null default now(),
  deleted_at         timestamptz,
  -- A deleted asset can be restored until then, and is purged afterwards.
  undo_until         timestamptz,
  version            bigint not null default 1,
  check ((entity_type is null) = (entity_id is null)),
  check ((deleted_at is null) = (undo_until is null)),
  check ((review_claimed_by is null) = (review_claimed_until is null))
);

-- The media of an entity in order; and the last position of an owner's media without an entity, which every upload
-- reads.
create index asset_of_entity on asset (entity_type, entity_id, collection, sort_order, id)
  where entity_type is not null;
create index asset_order_of_owner on asset (collection, owner_id, sort_order) where entity_type is null;
create index asset_replacing on asset (replaces) where replaces is not null;
create index asset_replaced_by on asset (replaced_by) where replaced_by is not null;
create index asset_to_purge on asset (undo_until) where deleted_at is not null;

-- Lists are as fast in a library of a hundred thousand as in one of a thousand, even without matches: each kind of list
-- (of one owner or all; by kind and status, by name, by size) reads an index in order from one position
-- (assets/list-media.ts).
create index asset_of_owner on asset (owner_id, id desc);
create index asset_of_collection on asset (collection, id desc);
create index asset_of_owner_by_kind on asset (owner_id, collection, kind, status, id) where deleted_at is null;
create index asset_by_kind on asset (collection, kind, status, id) where deleted_at is null;
create index asset_by_name on asset (lower(original_file_name), id) where deleted_at is null;
create index asset_by_size on asset (byte_size, id) where deleted_at is null;

-- Moderators read one collection's queue, or failed or rejected media.
create index asset_to_review on asset (id) where review = 'queued' and status = 'ready' and deleted_at is null;
create index asset_of_review on asset (review, collection, id)
  where review in ('queued', 'failed', 'rejected') and status = 'ready' and deleted_at is null;
create index asset_claimed on asset (review_claimed_by, id) where review_claimed_by is not null;
create index asset_gate_turn on asset (collection, id) where gate_turn is not null;

-- The words by which a record can be found: in its file name, its alternative text, its owner and its entity. Each word
-- is indexed as it is, and again split between letters and digits, so that `1234` finds `IMG_1234.jpg` and `beach`
-- finds `SunsetBeach2.png`. There is no text search configuration, because names have no language, and identifiers must
-- stay whole. assets/search-words.ts splits queries in the same way.
create function media_words(file_name text, alt_text text, owner_id text, entity_type text, entity_id text)
returns tsvector
language sql immutable parallel safe cost 1000 as $$
  select array_to_tsvector(array(
    select distinct left(word, 60)
    from (
      select concat(file_name, ' ', alt_text) as told, concat(owner_id, ' ', entity_type, ' ', entity_id) as named
    ) as texts,
      regexp_split_to_table(
        lower(concat(told, ' ', named, ' ', regexp_replace(
          regexp_replace(told, '([a-z0-9])([A-Z])', '\1 \2', 'g'), '([A-Za-z])([0-9])', '\1 \2', 'g'))),
        '[\x01-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]+') as word
    where word <> ''
  ))
$$;
create index asset_by_words on asset
  using gin (media_words(original_file_name, alt_text, owner_id, entity_type, entity_id))
  where deleted_at is null;

-- Media that may be shown in themselves: ready, not deleted, and past the gate, which concerns pictures and videos. A
-- waiting replacement that gets here takes its place.
create view presentable_asset as
select asset.*
from asset
join policy on policy.collection = asset.collection
where asset.status = 'ready'
  and asset.deleted_at is null
  and asset.review <> 'rejected'
  and (asset.review = 'approved' or asset.kind not in ('image', 'video') or not policy.photo_review_enabled);

-- The only definition of what may be shown. Every read of published media starts here.
create view published_asset as
select * from presentable_asset where replaces is null;

-- The ledger of all bytes: a row exists before the first byte, goes through `writing → stored → deleting`, and is
-- deleted after the bytes. An object that is bound to an asset is one of its artifacts; `role` says which.
create table object (
  id          uuid primary key,
  provider    text not null,
  location    text not null,
  -- In byte order, like the lists of every store, so that the walk that compares the two can merge them.
  key         text collate "C" not null,
  state       text not null check (state in ('writing', 'stored', 'deleting')),
  role        text not null,
  asset_id    uuid references asset (id),
  -- The opaque name in the artifact's URL.
  token       text unique,
  bytes       bigint,
  sha256      text,
  -- A ZIP states it before the bytes. Null for objects from before it was recorded.
  crc32       bigint,
  mime_type   text,
  width       integer,
  height      integer,
  -- The positions of parts within an artifact: segments of a stream, pictures of a storyboard.
  layout      jsonb,
  -- It is uploaded in parts: before its row is deleted, parts that the provider still holds are aborted too.
  multipart   boolean not null default false,
  -- When a malware scanner passed the whole object. Null: never, because there is no scanner or was none when it
  -- arrived.
  scanned_at  timestamptz,
  -- A signed URL can write to this key until then. An object that is removed earlier is removed again at that time, and
  -- only then is the row deleted: a late PUT leaves nothing that the ledger does not know.
  writable_until timestamptz,
  -- A writer may be active until then; afterwards the sweeper removes the bytes.
  lease_until timestamptz,
  -- How often removing the bytes has failed, and when to retry.
  attempts    integer not null default 0,
  retry_at    timestamptz,
  last_error  text,
  created_at  timestamptz not null default now(),
  unique (provider, location, key),
  check (state <> 'writing' or lease_until is not null),
  check (state = 'stored' or asset_id is null)
);
create unique index artifact_of_asset on object (asset_id, role) where asset_id is not null;
create index object_to_sweep on object (coalesce(retry_at, lease_until, created_at)) where state <> 'stored';
