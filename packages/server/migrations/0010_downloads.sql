-- One spent download: all requests of one client for one file while its window is open. `reserved` is the bytes that
-- requests were allowed to send, `bytes` those that were sent; a crash leaves the first too high, never too low.
-- Downloads are partitioned by the month in which they began, so that old ones are dropped with their table. Rows of a
-- month without a table are in `download_other`.
create table download (
  id           uuid not null,
  grant_id     uuid not null references grant_ (id) on delete cascade,
  asset_id     uuid not null,
  object_id    uuid not null,
  client_hash  text not null,
  address_hash text not null,
  agent_class  text not null,
  started_at   timestamptz not null default now(),
  last_at      timestamptz not null default now(),
  until        timestamptz not null,
  bytes        bigint not null default 0,
  reserved     bigint not null default 0,
  requests     integer not null default 1,
  state        text not null default 'open' check (state in ('open', 'complete', 'given_back')),
  carrier      text not null check (carrier in ('proxy', 'redirect', 'accelerated', 'cdn')),
  -- The event of its beginning is emitted later, many at once: events are written one after the other, and a reader
  -- should not wait for the commit of another. Null once it has been emitted.
  is_untold    boolean,
  primary key (id, started_at)
) partition by range (started_at);
create index download_of_file on download (grant_id, asset_id, until desc);
create index download_of_grant on download (grant_id, id desc);
-- The downloads of a file, day by day, by all buyers.
create index download_of_asset on download (asset_id, started_at);
create index download_untold on download (id) where is_untold;

create table download_other partition of download default;

-- Creates the tables of this month and the next two, and of every month with rows in `download_other`, which it moves;
-- and drops the tables of months that ended more than this many months ago. Null drops none.
create function keep_months_of_downloads(months integer) returns void
language plpgsql as $$
declare
  this_month constant date := date_trunc('month', now() at time zone 'utc');
  month date;
  name text;
begin
  for month in
    select distinct date_trunc('month', started_at at time zone 'utc')::date from download_other
    union select (this_month + ahead * interval '1 month')::date from generate_series(0, 2) as ahead
  loop
    name := to_char(month, '"download_"YYYY_MM');
    continue when to_regclass(name) is not null;
    -- One process at a time; downloads do not wait for it.
    lock table download in share update exclusive mode;
    continue when to_regclass(name) is not null;
    execute format('create table %I (like download including defaults including constraints including indexes)', name);
    execute format(
      'with moved as (delete from download_other where started_at >= %1$L and started_at < %2$L returning *)
       insert into %3$I select * from moved',
      month::timestamp at time zone 'utc', (month + interval '1 month') at time zone 'utc', name);
    execute format('alter table download attach partition %3$I for values from (%1$L) to (%2$L)',
      month::timestamp at time zone 'utc', (month + interval '1 month') at time zone 'utc', name);
  end loop;
  for name in
    select relname from pg_inherits join pg_class on pg_class.oid = inhrelid
    where inhparent = 'download'::regclass and relname ~ '^download_\d{4}_\d{2}$'
      and to_date(right(relname, 7), 'YYYY_MM') < this_month - make_interval(months => months)
  loop
    execute format('drop table %I', name);
  end loop;
end
$$;
select keep_months_of_downloads(null);

-- A download is taken in one statement, because its reader waits for it: a check without a lock, and only if no window
-- is open the lock of the file's row, another check under it, and the new window. Each statement in it sees everything
-- that was committed before, so of any number of simultaneous requests exactly as many succeed as there are downloads
-- left. grants/take-downloads.ts explains windows.

-- Reserves the bytes of a request in an open window, so that parallel requests never take more than the window allows;
-- null without one.
create function join_download(
  in_grant uuid, of_asset uuid, wanted bigint, carries bigint, resumes boolean, clients text[]
) returns uuid
language sql volatile as $$
  update download set
    reserved = reserved + wanted, requests = requests + 1, last_at = now(),
    until = least(now() + interval '6 hours', started_at + interval '7 days')
  where id = (
    select id from download
    where grant_id = in_grant and asset_id = of_asset and state <> 'given_back' and until > now()
      and started_at > now() - interval '7 days' and reserved + wanted <= carries
      and (resumes or client_hash = any(clients))
    order by id desc limit 1
  ) and started_at > now() - interval '7 days' and state <> 'given_back' and reserved + wanted <= carries
  returning id
$$;

-- Windows that ended with almost nothing sent give their download back, until the bytes of such windows add up to the
-- size of the file. The caller holds the file's row.
create function give_back_ended(in_grant uuid, of_asset uuid, size bigint) returns void
language sql volatile as $$
  with ended as (
    select id, bytes, sum(bytes) over (order by id) as so_far from download
    where grant_id = in_grant and asset_id = of_asset and state = 'open' and until <= now()
      and bytes < least(8 * 1024 * 1024, ceil(size / 10.0)) and carrier = 'proxy'
  ), given as (
    update download set state = 'given_back' from ended, grant_asset ga
    where download.id = ended.id and ga.grant_id = in_grant and ga.asset_id = of_asset
      and ga.given_back_bytes + ended.so_far < size
    returning ended.bytes
  )
  update grant_asset set
    used = greatest(0, used - (select count(*)::integer from given)),
    given_back_bytes = given_back_bytes + (select coalesce(sum(bytes), 0) from given)
  where grant_id = in_grant and asset_id = of_asset and exists (select 1 from given)
$$;

-- Takes all files of an answer, or none: then one row has the reason, and after how many seconds to retry. `wanted` are
-- the files, `about` applies to all of them.
create function take_downloads(about jsonb, wanted jsonb)
returns table (download_id uuid, of_asset uuid, refusal text, wait integer)
language plpgsql as $$
declare
  in_grant constant uuid := (about ->> 'grantId')::uuid;
  resumes constant boolean := (about -> 'resumes')::boolean;
  clients constant text[] := array(select jsonb_array_elements_text(about -> 'clients'));
  opens_per_minute constant integer := (about -> 'opensPerMinute')::integer;
  file record;
  has_begun boolean := false;
begin
  -- In a fixed order, so that two calls never deadlock.
  for file in
    select * from jsonb_to_recordset(wanted)
      as given (id uuid, "assetId" uuid, "objectId" uuid, size bigint, bytes bigint, carries bigint)
    order by "assetId"
  loop
    download_id := join_download(in_grant, file."assetId", file.bytes, file.carries, resumes, clients);
    if download_id is null then
      perform from grant_asset where grant_id = in_grant and asset_id = file."assetId" for update;
      -- The previous holder of the row may have opened it.
      download_id := join_download(in_grant, file."assetId", file.bytes, file.carries, resumes, clients);
    end if;
    if download_id is null then
      perform give_back_ended(in_grant, file."assetId", file.size);
      update grant_asset set used = used + 1, last_download_at = now()
      where grant_id = in_grant and asset_id = file."assetId" and (max is null or used < max);
      if not found then raise sqlstate 'SF001'; end if;
      insert into download (
        id, grant_id, asset_id, object_id, client_hash, address_hash, agent_class, until, reserved, carrier, is_untold)
      values (
        file.id, in_grant, file."assetId", file."objectId", clients[1], about ->> 'addressHash', about ->> 'agentClass',
        now() + interval '6 hours', file.bytes, about ->> 'carrier', true);
      download_id := file.id;
      has_begun := true;
    end if;
    of_asset := file."assetId";
    return next;
  end loop;
  if not (about -> 'hasRoom')::boolean then raise sqlstate 'SF002'; end if;
  if not has_begun then return; end if;
  -- A receipt that was passed around, or a program that downloads again and again, is slowed down. All that began in
  -- this call count as one.
  select ceil(extract(epoch from started_at + interval '1 minute' - now()))::integer into wait from (
    select distinct started_at from download where grant_id = in_grant and started_at > now() - interval '1 minute'
    order by started_at desc offset opens_per_minute limit 1
  ) earlier;
  if found then raise sqlstate 'SF003'; end if;
-- This rolls back everything above.
exception
  when sqlstate 'SF001' then
    refusal := 'limit';
    return next;
  when sqlstate 'SF002' then
    refusal := 'room';
    return next;
  when sqlstate 'SF003' then
    refusal := 'rate';
    return next;
end
$$;
