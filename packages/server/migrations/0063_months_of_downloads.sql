-- expand: a table of the same name and columns takes its place, and what the release before asks means the same.
-- Downloads lie in a table for each month, by when they began, so that what is too old goes with its table, however
-- much it is. What has no table for its month is in `download_other`.
alter table download rename to download_other;
alter table download_other drop constraint download_pkey, add primary key (id, started_at);
alter index download_of_file rename to download_other_of_file;
alter index download_of_grant rename to download_other_of_grant;
alter index download_of_asset rename to download_other_of_asset;
alter index download_untold rename to download_other_untold;

create table download (
  like download_other including defaults including constraints,
  primary key (id, started_at),
  foreign key (grant_id) references grant_ (id) on delete cascade
) partition by range (started_at);
create index download_of_file on download (grant_id, asset_id, until desc);
create index download_of_grant on download (grant_id, id desc);
create index download_of_asset on download (asset_id, started_at);
create index download_untold on download (id) where is_untold;
alter table download attach partition download_other default;

-- Makes the tables of this month and of the two after it, and of every month that has rows elsewhere, which it moves;
-- and drops those that ended more than so many months ago. None are dropped where it is null.
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
    -- One process at a time; nobody who downloads waits for it.
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
