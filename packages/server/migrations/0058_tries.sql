-- What became of a job's attempts, so that one can see how long it waited and how long it was worked on. `began_at` is of the attempt that is
-- under way, or of the one that ended the job; those that failed and were followed by another stand in `tries`, the newest last, twenty at most.
alter table job
  add column began_at timestamptz,
  add column tries jsonb not null default '[]';
