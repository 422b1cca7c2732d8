-- What a final upload was made of, as its client named it: it is answered again.
alter table upload_session add column concat_of text;
