-- The trace that a job belongs to, in the form of the W3C header `traceparent`, where requests are traced: what a worker does for a request is
-- seen as a part of it.
alter table job add column traceparent text;
