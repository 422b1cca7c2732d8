-- What is known of a recording besides its size and length: its picture, its sound, and how what is shown was made of it.
alter table asset add column video jsonb;
alter table asset add column audio jsonb;
alter table asset add column processing jsonb;
