-- What a turn of the gate has moved and nobody has been told of yet. Many are told in the transaction of the turn, the rest by a job.
alter table asset add column gate_turn text check (gate_turn in ('opened', 'closed', 'asked_again'));
create index asset_gate_turn on asset (collection, id) where gate_turn is not null;
