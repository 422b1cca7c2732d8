-- An object that arrives in parts: before its row goes, parts that the provider still holds are given up too.
alter table object add column multipart boolean not null default false;
