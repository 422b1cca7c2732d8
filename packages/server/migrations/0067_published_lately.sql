-- What was published in a time, for the overview's count and the list behind it (assets/read-overview.ts and
-- list-media.ts). Other events write nothing into it.
create index event_of_publishing on event (at, media_id) where name = 'media_published';
