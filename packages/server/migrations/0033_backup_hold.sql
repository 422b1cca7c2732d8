-- While one of these holds, no bytes are removed: a backup copies what was there when it looked, however long that takes.
create table backup_hold (
  id          uuid primary key,
  lease_until timestamptz not null
);
