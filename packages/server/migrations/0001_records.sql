-- What Safelight knows: the rules of each collection, its media (`asset`), and the bytes they are kept in (`object`).
-- Times are of the database's clock; ids are UUIDs of version 7, so an order by id is an order by age.

-- The rules that uploads to a collection are held to. A row is written when an administrator changes what the
-- configuration says; `version` rises with every change, so that two who change it at once see each other.
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
  -- What happened to the photos that were there when the gate was turned on.
  existing   text check (existing in ('review', 'grandfather'))
);
create index policy_change_of_collection on policy_change (collection, id desc);

-- One photo, video, sound or file. Kind, purpose, status and review are separate columns; none is derived from another.
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

  -- What its bytes turned out to be. `video` and `audio` describe the streams of a recording, `processing` how what is
  -- shown was made of them, `contents` the first names in an archive or a book and how many there are.
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
  -- The rules by which its outputs were made; reprocessing passes over what is up to date. Null: unknown, or a focal
  -- point was moved since.
  render_fingerprint text,
  -- What is done of an asset that is still in work: a stage that ended is not done again after a crash.
  stages             jsonb,
  -- The object that results must have been made from; a result made from another is discarded.
  source_object_id   uuid,
  failure            jsonb,

  -- What people say of it.
  alt_text           text,
  focal_point        jsonb,
  -- Of what a machine made: the request behind it, and the mark that says so in the terms of the IPTC.
  generated          jsonb,
  digital_source     text
    check (digital_source in ('trainedAlgorithmicMedia', 'compositeWithTrainedAlgorithmicMedia', 'algorithmicMedia')),

  -- Its place among the media of its entity.
  sort_order         integer not null,
  -- Set while this asset waits to take the place of another; null once it has, or when it never was to.
  replaces           uuid references asset (id) on delete set null,
  -- The asset that took its place; restoring it then swaps the two. Null for what was not replaced.
  replaced_by        uuid references asset (id) on delete set null,
  -- Of removed assets that a later order left at the same place: their order among themselves.
  restore_rank       integer not null default 0,

  -- The reason for a decision, in the moderator's words, for the owner.
  review_reason      text,
  -- The moderator who has taken it out of the queue for a while.
  review_claimed_by  text,
  review_claimed_until timestamptz,
  -- What a turn of the gate has moved and nobody has been told of yet. Many are told in the transaction of the turn,
  -- the rest by a job.
  gate_turn          text check (gate_turn in ('opened', 'closed', 'asked_again')),

  created_at         timestamptz not null default now(),
  updated_at         timestamptz not null default now(),
  deleted_at         timestamptz,
  -- Until then a deleted asset can be restored; after that it is purged.
  undo_until         timestamptz,
  version            bigint not null default 1,
  check ((entity_type is null) = (entity_id is null)),
  check ((deleted_at is null) = (undo_until is null)),
  check ((review_claimed_by is null) = (review_claimed_until is null))
);

-- The media of an entity in their order; the last place of an owner where the collection has no entity, which every
-- upload asks for.
create index asset_of_entity on asset (entity_type, entity_id, collection, sort_order, id)
  where entity_type is not null;
create index asset_order_of_owner on asset (collection, owner_id, sort_order) where entity_type is null;
create index asset_replacing on asset (replaces) where replaces is not null;
create index asset_replaced_by on asset (replaced_by) where replaced_by is not null;
create index asset_to_purge on asset (undo_until) where deleted_at is not null;

-- Lists take as long in a library of a hundred thousand as in one of a thousand, also where nothing is found: each way
-- in which one is asked for (of an owner, of everybody; by kind and status, by name, by size) is read in order from
-- one place of an index (assets/list-media.ts).
create index asset_of_owner on asset (owner_id, id desc);
create index asset_of_collection on asset (collection, id desc);
create index asset_of_owner_by_kind on asset (owner_id, collection, kind, status, id) where deleted_at is null;
create index asset_by_kind on asset (collection, kind, status, id) where deleted_at is null;
create index asset_by_name on asset (lower(original_file_name), id) where deleted_at is null;
create index asset_by_size on asset (byte_size, id) where deleted_at is null;

-- Moderators read one collection's queue, or what failed or was rejected.
create index asset_to_review on asset (id) where review = 'queued' and status = 'ready' and deleted_at is null;
create index asset_of_review on asset (review, collection, id)
  where review in ('queued', 'failed', 'rejected') and status = 'ready' and deleted_at is null;
create index asset_claimed on asset (review_claimed_by, id) where review_claimed_by is not null;
create index asset_gate_turn on asset (collection, id) where gate_turn is not null;

-- The words by which a record is found: those of its file name, its alternative text, its owner and its entity. Each
-- word as it is, and once more where letters and digits part, so that `1234` finds `IMG_1234.jpg` and `beach` finds
-- `SunsetBeach2.png`. No text search configuration: names are in no language, and identifiers must stay whole.
-- assets/search-words.ts splits what is asked for in the same way.
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

-- What could be shown as it is: ready, not deleted, past the gate, which asks about pictures and videos. A waiting
-- replacement takes its place when it gets here.
create view presentable_asset as
select asset.*
from asset
join policy on policy.collection = asset.collection
where asset.status = 'ready'
  and asset.deleted_at is null
  and asset.review <> 'rejected'
  and (asset.review = 'approved' or asset.kind not in ('image', 'video') or not policy.photo_review_enabled);

-- The one definition of what may be shown. Every read of shown media starts here.
create view published_asset as
select * from presentable_asset where replaces is null;

-- The ledger of all bytes: a row before the first byte, `writing → stored → deleting`, and no row any more when the
-- bytes are gone. An object that is bound to an asset is one of its artifacts; `role` says which.
create table object (
  id          uuid primary key,
  provider    text not null,
  location    text not null,
  -- Sorted as every store lists its keys, by bytes, so that the walk that compares the two needs no other order.
  key         text collate "C" not null,
  state       text not null check (state in ('writing', 'stored', 'deleting')),
  role        text not null,
  asset_id    uuid references asset (id),
  -- The opaque name under which the artifact is delivered.
  token       text unique,
  bytes       bigint,
  sha256      text,
  -- A ZIP names it before the bytes. Null for what was stored before it was taken.
  crc32       bigint,
  mime_type   text,
  width       integer,
  height      integer,
  -- Where in an artifact its parts lie: segments of a stream, pictures of a storyboard.
  layout      jsonb,
  -- It arrives in parts: before its row goes, parts that the provider still holds are given up too.
  multipart   boolean not null default false,
  -- When a malware scanner passed the whole object. Null: never, because nothing scans here or did when it came.
  scanned_at  timestamptz,
  -- Until when a URL that was signed for this key may still write to it. What is removed before is removed once more
  -- then, and only after that does the row go: a late PUT leaves nothing that the ledger does not name.
  writable_until timestamptz,
  -- Until when a writer may still be at work; after that the sweeper removes what is there.
  lease_until timestamptz,
  -- How often removing the bytes failed, and when to try next.
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
