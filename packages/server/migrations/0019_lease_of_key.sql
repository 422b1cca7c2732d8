-- Which request holds the key. One that stood still past its lease finds another's name here, and neither settles nor frees what is not its own.
alter table idempotency_key add column lease uuid;
