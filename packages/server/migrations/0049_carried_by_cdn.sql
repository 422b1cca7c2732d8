-- A CDN carries as well.
alter table download drop constraint download_carrier_check;
alter table download add constraint download_carrier_check check (carrier in ('proxy', 'redirect', 'accelerated', 'cdn'));
