-- The CRC-32 of an object, which a ZIP names before the bytes: taken where the digest is. Null for what was stored before it was.
alter table object add column crc32 bigint;
