-- Locks are rows, so that nothing but SQL is relied on: what must happen one after another first locks the stripe that its name falls on.
-- A room has 256 of them, made when it is first locked, however many names it has; they are only ever locked, never changed.
create table stripe (
  room   text not null,
  number smallint not null,
  primary key (room, number)
);
