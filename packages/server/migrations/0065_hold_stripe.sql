-- Holds one stripe until the transaction ends, and makes its room first where nobody has been in it. One statement, so
-- that it can be sent together with what is to be done under it; each statement in it sees what was committed while the
-- one before it waited.
create function hold_stripe(held_room text, held_number bigint) returns void language plpgsql as $$
begin
  perform from stripe where room = held_room and number = held_number for update;
  if not found then
    insert into stripe (room, number)
    select held_room, made from generate_series(0, 255) as made order by made on conflict do nothing;
    perform from stripe where room = held_room and number = held_number for update;
  end if;
end $$;
