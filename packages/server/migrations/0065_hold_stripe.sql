-- Locks one stripe until the transaction ends, after creating its room if this is the first use. It is one statement,
-- so that it can be sent together with the statements under the lock; each statement in it sees what was committed
-- while the previous one waited.
create function hold_stripe(held_room text, held_number bigint) returns void language plpgsql as $$
begin
  perform from stripe where room = held_room and number = held_number for update;
  if not found then
    insert into stripe (room, number)
    select held_room, made from generate_series(0, 255) as made order by made on conflict do nothing;
    perform from stripe where room = held_room and number = held_number for update;
  end if;
end $$;
