-- What a request with an Idempotency-Key has created so far, a row for each: a repeat gets the same answers for them if
-- the request breaks off. They were a list in the row of the key, which was written anew for each file of a form.
create table idempotency_made (
  owner_id text not null,
  key      text not null,
  -- Of increasing order.
  id       uuid not null,
  what     text not null,
  answer   text not null,
  primary key (owner_id, key, id),
  foreign key (owner_id, key) references idempotency_key on delete cascade
);
