-- Whether the quota of its owner binds an upload: not that of who manages the site. A signed URL does not say who opened it.
alter table upload_session add column bound_by_quota boolean not null default true;
